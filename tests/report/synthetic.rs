//! Reports that no tour wrote: a real one with other data in it.

use std::fs;
use std::path::{Path, PathBuf};

use support::serde_json::{Value, json};

use crate::data_of;

const LANES: u64 = 20;
/// Each span is two events, its beginning and its end.
const SPANS: u64 = 2_500;
/// How many nanoseconds after one span the next one begins.
const EACH: u64 = 10_000;

/// Every span and every mark was made by this line of code.
pub(crate) fn with_a_place(report: &Path, target: &Path, place: &str) -> PathBuf {
    let mut data = data_of(report);
    let layout = Layout::of(&data);
    let section = &mut data["sections"][0];
    let texts = section["texts"].as_array_mut().expect("texts");
    texts.push(place.into());
    let place = texts.len() - 1;
    for scene in section["scenes"].as_array_mut().expect("scenes") {
        for lane in scene["picture"]["lanes"].as_array_mut().expect("lanes") {
            for what in ["spans", "marks"] {
                let list = lane[what].as_array_mut().expect("a list");
                list.chunks_mut(layout.count(what)).for_each(|item| item[layout.place(what, "at")] = place.into());
            }
        }
    }
    write(report, target, &data)
}

/// The scenes of the tickets have an example: this text, under this path.
pub(crate) fn with_an_example(report: &Path, target: &Path, path: &str, text: &str) -> PathBuf {
    let mut data = data_of(report);
    let section = &mut data["sections"][0];
    section["sources"].as_array_mut().expect("sources").insert(0, json!([path, text]));
    for scene in section["scenes"].as_array_mut().expect("scenes") {
        scene["code"]["examples"] = json!([path]);
    }
    write(report, target, &data)
}

/// A tour that was to have two sections more.
pub(crate) fn with_more_asked(report: &Path, target: &Path) -> PathBuf {
    let mut data = data_of(report);
    data["asked"] = json!(3);
    write(report, target, &data)
}

/// A scene with twenty lanes and a hundred thousand events.
pub(crate) fn with_many_events(report: &Path, target: &Path) -> PathBuf {
    let data = data_of(report);
    let lanes: Vec<_> = (1..=LANES).map(|number| lane(number, &data)).collect();
    let picture = json!({ "length": SPANS * EACH, "lanes": lanes, "crowds": [], "handovers": [] });
    with_picture(report, target, data, picture)
}

/// The first section has one scene, with this picture.
fn with_picture(report: &Path, target: &Path, mut data: Value, picture: Value) -> PathBuf {
    let section = &mut data["sections"][0];
    section["texts"] = json!(["", "lock"]);
    let mut scene = section["scenes"][0].clone();
    scene["picture"] = picture;
    scene["facts"]["said"] = json!([]);
    scene["facts"]["deaths"] = json!([]);
    scene["facts"]["things"] = json!([]);
    section["scenes"] = json!([scene]);
    write(report, target, &data)
}

/// A scene with main and a crowd of this many workers: they begin one after the other, wait until the middle of the
/// scene, and end one after the other.
pub(crate) fn with_a_crowd(report: &Path, target: &Path, count: u64) -> PathBuf {
    let data = data_of(report);
    let layout = Layout::of(&data);
    let state = data["states"].as_array().and_then(|states| states.iter().position(|state| state["waits"] == true));
    let doing = data["doings"].as_array().and_then(|doings| doings.iter().position(|doing| doing["en"] == "waits for"));
    let (state, doing) = (state.expect("a state") as u64, doing.expect("a doing") as u64);
    let length = count * EACH * 11 / 5;
    let lane = |name: String, pid: u64, born: u64, ended: u64| {
        let wait = (length / 2).saturating_sub(born);
        let span = [("doing", doing), ("on", 1), ("since", born), ("length", wait), ("state", state)];
        let states = [vec![("since", born)], vec![("state", state)], vec![("since", wait)]];
        let (spans, states) = if pid == 1 {
            (vec![], layout.item("states", &[]))
        } else {
            (layout.item("spans", &span), states.iter().flat_map(|item| layout.item("states", item)).collect())
        };
        json!({
            "name": name, "pid": pid, "tid": pid, "exit": "code 0", "death": null, "killed": false,
            "born": born, "ended": ended, "spans": spans, "marks": [], "states": states,
        })
    };
    let workers =
        (1..=count).map(|number| lane(format!("worker {number}"), 1 + number, number * EACH, length - number * EACH));
    let lanes: Vec<_> = std::iter::once(lane("main".to_owned(), 1, 0, length)).chain(workers).collect();
    let crowd = json!({ "name": "worker", "lanes": (1..=count).collect::<Vec<_>>(), "peak": count });
    let picture = json!({ "length": length, "lanes": lanes, "crowds": [crowd], "handovers": [] });
    with_picture(report, target, data, picture)
}

/// Waits and holds in turn, each a little different in length.
fn lane(number: u64, data: &Value) -> Value {
    let layout = Layout::of(data);
    let place = |list: &str, is_it: &dyn Fn(&Value) -> bool| {
        let found = data[list].as_array().and_then(|list| list.iter().position(is_it));
        found.unwrap_or_else(|| panic!("{}", data[list])) as u64
    };
    let doing = ["waits for", "holds"].map(|words| place("doings", &|doing| doing["en"] == words));
    let state = ["waits", "holds"].map(|what| place("states", &|state| state[what] == true));
    let (mut spans, mut states) = (Vec::new(), Vec::new());
    let mut since = 0;
    for index in 0..SPANS {
        let (turn, length) = ((index % 2) as usize, 4_000 + (index * 37 + number * 101) % 6_000);
        let (doing, state) = (doing[turn], state[turn]);
        let from = if index == 0 { 0 } else { EACH };
        spans.extend(
            layout.item("spans", &[("doing", doing), ("on", 1), ("since", from), ("length", length), ("state", state)]),
        );
        states.extend(layout.item("states", &[("since", since), ("state", state)]));
        states.extend(layout.item("states", &[("since", length)]));
        since = EACH - length;
    }
    json!({
        "name": format!("worker {number}"), "pid": number, "tid": number, "exit": "code 0", "death": null,
        "killed": false, "born": 0, "ended": SPANS * EACH, "spans": spans, "marks": [], "states": states,
    })
}

/// What the numbers of the flat lists mean, as the data itself says.
pub(crate) struct Layout(Value);

impl Layout {
    pub(crate) fn of(data: &Value) -> Self {
        Self(data["layout"].clone())
    }

    /// How many numbers an item of this list has.
    pub(crate) fn count(&self, list: &str) -> usize {
        self.names(list).len()
    }

    /// The place of a number in an item.
    pub(crate) fn place(&self, list: &str, name: &str) -> usize {
        let place = self.names(list).iter().position(|found| found == name);
        place.unwrap_or_else(|| panic!("{list} have no {name}"))
    }

    /// An item with these numbers, and 0 for each of the others.
    fn item(&self, list: &str, numbers: &[(&str, u64)]) -> Vec<u64> {
        let mut item = vec![0; self.count(list)];
        for (name, number) in numbers {
            item[self.place(list, name)] = *number;
        }
        item
    }

    fn names(&self, list: &str) -> &[Value] {
        self.0[list].as_array().unwrap_or_else(|| panic!("no list {list}"))
    }
}

fn write(report: &Path, target: &Path, data: &Value) -> PathBuf {
    let page = fs::read_to_string(report).expect("a report");
    let (before, rest) = page.split_once("id=\"data\">").expect("a place for data");
    let (_, after) = rest.split_once("</script>").expect("its end");
    let data = data.to_string().replace('<', "\\u003c");
    fs::write(target, format!("{before}id=\"data\">{data}</script>{after}")).expect("room for a page");
    target.to_path_buf()
}
