//! A crowd: one band in the place of hundreds of lanes, and each of its lanes when the reader asks for them.

use support::serde_json::json;

use crate::{Reader, data_of, synthetic};

/// Where the first timeline and its band are on the screen: left, top, width, height of the band.
const BAND: &str = "
    const view = document.querySelector('.timeline:not(.still) .view');
    view.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = view.getBoundingClientRect();
    return [left, top + 24 + 38, width, height - 24 - 38 - 2]";

fn numbers(reader: &Reader, script: &str) -> [f64; 4] {
    let found = reader.browser.ask(script);
    [0, 1, 2, 3].map(|index| found[index].as_f64().unwrap_or_else(|| panic!("{found}")))
}

fn told(reader: &Reader) -> String {
    reader.browser.ask("return document.querySelector('.told').innerText").as_str().unwrap_or_default().to_owned()
}

/// What the button of the crowd says, whether the crowd is open, and how high all rows are.
fn button(reader: &Reader) -> (String, bool, u64) {
    let found = reader.browser.ask(
        "const button = document.querySelector('.tools .crowd');
         return [button.innerText, button.ariaExpanded === 'true', document.querySelector('.lanes').offsetHeight]",
    );
    (
        found[0].as_str().expect("words").to_owned(),
        found[1].as_bool().expect("a bool"),
        found[2].as_u64().expect("a height"),
    )
}

pub(crate) fn a_crowd_is_a_band_as_high_as_it_has_lanes_and_says_how_many_do_what(reader: &Reader) {
    let report = synthetic::with_a_crowd(&reader.tickets(), &reader.path("crowd.html"), 600);
    for (width, scheme) in [(390, "light"), (1600, "dark")] {
        reader.browser.resize(width, 900);
        reader.browser.prefer(scheme);
        reader.browser.open(&report, "ticket-mutex");
        // How high the band is in a column of pixels, above its own ground line.
        let high = |part: f64| {
            let script = format!(
                "const canvas = document.querySelector('.timeline:not(.still) canvas');
                 const x = Math.round(canvas.width * 0.3 + canvas.width * 0.68 * {part});
                 const data = pixels(canvas, x, 24 + 38 + 12, 1, 53);
                 let high = 0;
                 for (let at = 3; at < data.length; at += 4) if (data[at] > 0) high += 1;
                 return high"
            );
            reader.browser.ask(&script).as_f64().expect("a number")
        };
        // In the middle all are there, and towards the end fewer and fewer.
        assert!(high(0.5) > 45.0 && (2.0..15.0).contains(&high(0.95)), "{} and {}", high(0.5), high(0.95));
        let [left, top, wide, height] = numbers(reader, BAND);
        assert!((70.0..90.0).contains(&height), "one row: {height}");
        reader.browser.mouse("mouseMoved", (left + wide * 0.5, top + height / 2.0), 0.0);
        let text = told(reader);
        assert!(text.starts_with("worker ×600 at ") && text.contains(" waiting"), "{text}");
        let tip = reader.browser.ask("return document.querySelector('.tip').innerText");
        assert!(tip.as_str().is_some_and(|tip| text.starts_with(tip)), "{tip}");
    }
}

pub(crate) fn a_click_a_button_and_a_key_open_a_crowd_and_fold_it_again(reader: &Reader) {
    let report = synthetic::with_a_crowd(&reader.tickets(), &reader.path("crowd.html"), 600);
    reader.browser.open(&report, "ticket-mutex");
    let (words, is_open, folded) = button(reader);
    assert_eq!((words.as_str(), is_open), ("Open worker ×600", false));
    let [left, top, wide, height] = numbers(reader, BAND);
    for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
        reader.browser.mouse(kind, (left + wide / 2.0, top + height / 2.0), 0.0);
    }
    let (words, is_open, opened) = button(reader);
    assert_eq!((words.as_str(), is_open), ("Fold worker ×600", true));
    assert!(opened > folded + 600, "a row for each: {folded}, {opened}");
    reader.browser.ask("document.querySelector('.timeline:not(.still) .view').focus()");
    reader.browser.press("Escape");
    for expected in ["main runs", "worker ×600 at ", "worker 1 runs", "worker 2 runs"] {
        reader.browser.press("ArrowDown");
        assert!(told(reader).starts_with(expected), "{}", told(reader));
    }
    reader.browser.press("n");
    assert!(told(reader).starts_with("worker 2 waits for lock"), "{}", told(reader));
    reader.browser.press("ArrowUp");
    reader.browser.press("ArrowUp");
    reader.browser.press("Enter");
    assert_eq!(button(reader), ("Open worker ×600".to_owned(), false, folded));
    reader.browser.ask("document.querySelector('.tools .crowd').click()");
    reader.browser.settle();
    assert_eq!(button(reader).2, opened);
    // Another language keeps it open.
    reader.browser.ask("document.querySelector('[data-lang=zh]').click()");
    reader.browser.settle();
    assert_eq!(button(reader), ("收起 worker ×600".to_owned(), true, opened));
}

pub(crate) fn the_first_name_is_whole_however_low_its_lane_is(reader: &Reader) {
    let report = synthetic::with_a_crowd(&reader.tickets(), &reader.path("crowd.html"), 180);
    reader.browser.open(&report, "ticket-mutex");
    reader.browser.ask("document.querySelector('.tools .crowd').click()");
    reader.browser.settle();
    // The rows of pixels below the axis in which the name is written, dark on light.
    let rows = reader.browser.ask(
        "const canvas = document.querySelector('.timeline:not(.still) canvas');
         const data = pixels(canvas, 0, 25, 40, 16);
         return [...Array(16).keys()].map((row) => [...Array(40).keys()].some((column) => {
             const at = 4 * (row * 40 + column);
             return data[at + 3] > 100 && data[at] + data[at + 1] + data[at + 2] < 400;
         }))",
    );
    let rows: Vec<bool> = rows.as_array().expect("rows").iter().map(|row| *row == true).collect();
    let first = rows.iter().position(|row| *row).expect("a name");
    let last = rows.iter().rposition(|row| *row).expect("a name");
    assert!(first > 0 && last - first >= 6, "the dot of the i, and all below it to the crowd: {rows:?}");
}

pub(crate) fn the_crowd_of_a_whole_section_is_seen(reader: &Reader) {
    let report = reader.whole();
    let data = data_of(&report);
    let section = data["sections"].as_array().expect("sections").iter().find(|section| section["name"] == "cpu-io");
    let scenes = section.expect("cpu-io")["scenes"].as_array().expect("scenes");
    let names = |index: usize| {
        scenes[index]["picture"]["crowds"].as_array().expect("crowds").iter().map(|crowd| &crowd["name"])
    };
    assert_eq!(names(1).collect::<Vec<_>>(), [&json!("thread"), &json!("process")]);
    reader.browser.open(&report, "cpu-io");
    let high =
        reader.browser.ask("return [...document.querySelectorAll('.timeline .view')].map((view) => view.clientHeight)");
    assert!(high.as_array().expect("heights").iter().all(|high| high.as_f64() < Some(300.0)), "{high}");
}
