//! Reports that no tour wrote: a real one with other data in it.

use std::fs;
use std::path::{Path, PathBuf};

use support::serde_json::{Value, json};

use crate::data_of;

const LANES: u64 = 20;
/// Each span is two events, its beginning and its end.
const SPANS: u64 = 2_500;

/// Every span and every mark was made by this line of code.
pub(crate) fn with_a_place(report: &Path, target: &Path, place: &str) -> PathBuf {
    let mut data = data_of(report);
    let section = &mut data["sections"][0];
    let words = section["words"].as_array_mut().expect("words");
    words.push(place.into());
    let place = words.len() - 1;
    for scene in section["scenes"].as_array_mut().expect("scenes") {
        for lane in scene["picture"]["lanes"].as_array_mut().expect("lanes") {
            let spans = lane["spans"].as_array_mut().expect("spans");
            spans.chunks_mut(9).for_each(|span| span[8] = place.into());
            let marks = lane["marks"].as_array_mut().expect("marks");
            marks.chunks_mut(5).for_each(|mark| mark[3] = place.into());
        }
    }
    write(report, target, &data)
}

/// A scene with twenty lanes and a hundred thousand events.
pub(crate) fn with_many_events(report: &Path, target: &Path) -> PathBuf {
    let mut data = data_of(report);
    let section = &mut data["sections"][0];
    section["words"] = json!(["", "waits for|等待", "holds|持有", "lock"]);
    let lanes: Vec<_> = (1..=LANES).map(lane).collect();
    let length = SPANS * 10_000;
    let mut scene = section["scenes"][0].clone();
    scene["picture"] = json!({ "length": length, "lanes": lanes, "handovers": [] });
    scene["facts"]["said"] = json!([]);
    scene["facts"]["deaths"] = json!([]);
    scene["facts"]["things"] = json!([]);
    section["scenes"] = json!([scene]);
    write(report, target, &data)
}

/// Waits and holds in turn, each a little different in length.
fn lane(number: u64) -> Value {
    let spans = (0..SPANS).flat_map(|index| {
        let (doing, state) = if index % 2 == 0 { (1, 2) } else { (2, 3) };
        [doing, 3, 10_000, 4_000 + (index * 37 + number * 101) % 6_000, 0, state, 0, 0, 0]
    });
    let spans: Vec<_> = spans.collect();
    json!({
        "name": format!("worker {number}"), "pid": number, "tid": number, "exit": "code 0", "death": null,
        "born": 0, "ended": SPANS * 10_000, "spans": spans, "marks": [],
    })
}

fn write(report: &Path, target: &Path, data: &Value) -> PathBuf {
    let page = fs::read_to_string(report).expect("a report");
    let (before, rest) = page.split_once("id=\"data\">").expect("a place for data");
    let (_, after) = rest.split_once("</script>").expect("its end");
    let data = data.to_string().replace('<', "\\u003c");
    fs::write(target, format!("{before}id=\"data\">{data}</script>{after}")).expect("room for a page");
    target.to_path_buf()
}
