//! What a Chinese reader is shown has nothing English in it but names.

/// What a reader of Chinese knows by its English name.
const NAMES: [&str; 67] = [
    // systems and formats, what stands in code, what the kernel calls things, what is typed, what programs wait for
    "ASCII",
    "atomic",
    "cargo",
    "Chrome",
    "comm",
    "coordinated",
    "CPU",
    "Ctrl",
    "data",
    "dev",
    "done",
    "en",
    "example",
    "false",
    "fetch_sub",
    "fork",
    "get",
    "GIL",
    "HELLO",
    "hello",
    "html",
    "inf",
    "IO",
    "join",
    "jpg",
    "JSON",
    "json",
    "jsonl",
    "kill",
    "listening",
    "load",
    "Markdown",
    "MiB",
    "multiprocessing",
    "mutex",
    "nc",
    "omission",
    "on",
    "open",
    "panic",
    "PATH",
    "perfetto",
    "Perfetto",
    "photo",
    "pid",
    "ppid",
    "proc",
    "ps",
    "put",
    "python",
    "Python",
    "run",
    "Rust",
    "start",
    "stat",
    "store",
    "subreaper",
    "task",
    "TCP",
    "tid",
    "tour",
    "true",
    "ui",
    "Unix",
    "world",
    "xdg",
    "zh",
];

/// The words in Latin letters that are no options, signals, numbers and names.
fn english(text: &str, names: &[String]) -> Vec<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_-'".contains(letter);
    let text = text.replace("tickets.json", "");
    let words = text.split(|letter| !is_part(letter)).filter(|word| !word.starts_with('-'));
    let words = words.flat_map(|word| word.split(['-', '\''])).filter(|word| {
        let letters = word.chars().filter(char::is_ascii_alphabetic).count();
        let is_number = word.starts_with(|letter: char| letter.is_ascii_digit());
        let is_signal = word.starts_with("SIG");
        let bare = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        letters > 1 && !is_number && !is_signal && !NAMES.contains(&bare) && !names.iter().any(|name| name == bare)
    });
    words.map(str::to_owned).collect()
}

/// Expects nothing English in `text` but names: what a reader of Chinese knows by its English name, and `names`.
///
/// # Panics
///
/// With the words that are English.
#[track_caller]
pub fn expect_no_english(what: &str, text: &str, names: &[String]) {
    let found = english(text, names);
    assert!(found.is_empty(), "{what}: {found:?} in\n{text}");
}
