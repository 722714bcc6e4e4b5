//! What became of each mutant, in a file, so that a run that was interrupted goes on where it stopped.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use support::serde_json::{self, Value, json};

use super::mutant::Mutant;

/// What a fate depends on, from the workspace's root.
const SOURCES: [&str; 7] = [
    "crates/killproof/src",
    "crates/crashcheck/src",
    "tests/killproof.rs",
    "tests/killproof",
    "tests/prove.rs",
    "tests/prove",
    "tests/mutants",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// By this detector, which says so.
    Killed { by: String, because: String },
    /// Every detector that comes to its place finds nothing.
    Survived,
    /// No detector comes to its place.
    NotReached,
}

pub(crate) struct Fates {
    fingerprint: u64,
    /// By the mutant's key: the fingerprint of the sources, and the fate.
    known: BTreeMap<String, (u64, Fate)>,
    file: File,
}

/// What is the same as long as the sources are. Not the arguments about survivors: they change no fate.
pub(crate) fn fingerprint() -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    for source in SOURCES {
        hash(&support::workspace().join(source), &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| hash(entry, hasher));
    }
    if path.extension().is_some_and(|extension| extension == "rs") {
        path.hash(hasher);
        fs::read(path)?.hash(hasher);
    }
    Ok(())
}

/// Of several mutants of one name each has its own key.
pub(crate) fn key(mutants: &[Mutant], number: usize) -> String {
    let name = mutants[number - 1].name();
    let before = mutants[..number - 1].iter().filter(|mutant| mutant.name() == name).count();
    format!("{name} #{before}")
}

impl Fates {
    /// Those in the file of the folder. `again`: none.
    pub(crate) fn open(folder: &Path, fingerprint: u64, again: bool) -> io::Result<Self> {
        let path = folder.join("fates.jsonl");
        if again {
            fs::write(&path, "")?;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let known = text.lines().filter_map(read).collect();
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        Ok(Self { fingerprint, known, file })
    }

    /// Of these sources.
    pub(crate) fn known(&self, key: &str) -> Option<&Fate> {
        self.known.get(key).filter(|(fingerprint, _)| *fingerprint == self.fingerprint).map(|(_, fate)| fate)
    }

    /// What noticed it in other sources, perhaps.
    pub(crate) fn noticed_before_by(&self, key: &str) -> Option<&str> {
        match self.known.get(key) {
            Some((_, Fate::Killed { by, .. })) => Some(by),
            _ => None,
        }
    }

    pub(crate) fn note(&mut self, key: &str, fate: &Fate) -> io::Result<()> {
        self.known.insert(key.to_owned(), (self.fingerprint, fate.clone()));
        writeln!(self.file, "{}", written(key, self.fingerprint, fate))
    }
}

fn written(key: &str, fingerprint: u64, fate: &Fate) -> Value {
    let (fate, by, because) = match fate {
        Fate::Killed { by, because } => ("killed", by.as_str(), because.as_str()),
        Fate::Survived => ("survived", "", ""),
        Fate::NotReached => ("not reached", "", ""),
    };
    json!({ "mutant": key, "fingerprint": fingerprint, "fate": fate, "by": by, "because": because })
}

/// A line that was cut off is none.
fn read(line: &str) -> Option<(String, (u64, Fate))> {
    let line: Value = serde_json::from_str(line).ok()?;
    let word = |key: &str| line[key].as_str().map(str::to_owned);
    let fate = match line["fate"].as_str()? {
        "killed" => Fate::Killed { by: word("by")?, because: word("because")? },
        "survived" => Fate::Survived,
        "not reached" => Fate::NotReached,
        _ => return None,
    };
    Some((word("mutant")?, (line["fingerprint"].as_u64()?, fate)))
}

/// A fate is read as it was written, and counts for the sources alone that it was found with.
pub(crate) fn a_fate_is_kept_for_the_sources_that_it_was_found_with() {
    let folder = support::tempfile::tempdir().expect("a folder");
    let killed = Fate::Killed { by: "join p0d0s0".to_owned(), because: "\"deadlock\"\n".to_owned() };
    let mut fates = Fates::open(folder.path(), 7, false).expect("a file");
    fates.note("a", &killed).expect("a disk");
    fates.note("b", &Fate::NotReached).expect("a disk");
    fates.note("b", &Fate::Survived).expect("a disk");
    fs::write(folder.path().join("fates.jsonl"), {
        let text = fs::read_to_string(folder.path().join("fates.jsonl")).expect("a file");
        text + "{\"mutant\": \"c\", \"fing"
    })
    .expect("a disk");
    let same = Fates::open(folder.path(), 7, false).expect("a file");
    assert_eq!((same.known("a"), same.known("b"), same.known("c")), (Some(&killed), Some(&Fate::Survived), None));
    let others = Fates::open(folder.path(), 8, false).expect("a file");
    assert_eq!((others.known("a"), others.noticed_before_by("a")), (None, Some("join p0d0s0")));
    let none = Fates::open(folder.path(), 7, true).expect("a file");
    assert_eq!((none.known("a"), none.noticed_before_by("a")), (None, None));
}
