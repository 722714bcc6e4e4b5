//! One timeline: moved, narrowed, pointed at and walked through, by mouse and by keys.

use support::serde_json::{Value, json};

use crate::synthetic::{self, Layout};
use crate::{Reader, data_of};

/// Where the timeline of a scene is on the screen: left, top, width, height.
fn place(reader: &Reader) -> [f64; 4] {
    let script = "
        const view = document.querySelector('.timeline:not(.still) .view');
        view.scrollIntoView({ block: 'center' });
        const { left, top, width, height } = view.getBoundingClientRect();
        return [left, top, width, height]";
    let place = reader.browser.ask(script);
    [0, 1, 2, 3].map(|index| place[index].as_f64().unwrap_or_else(|| panic!("{place}")))
}

/// From when to when the timeline shows, in nanoseconds.
fn shown(reader: &Reader) -> (f64, f64) {
    let script = "const { from, until } = document.querySelector('.timeline:not(.still) canvas').dataset; return [Number(from), Number(until)]";
    let shown = reader.browser.ask(script);
    (shown[0].as_f64().expect("a time"), shown[1].as_f64().expect("a time"))
}

fn told(reader: &Reader) -> String {
    reader.browser.ask("return document.querySelector('.told').innerText").as_str().unwrap_or_default().to_owned()
}

fn focus(reader: &Reader) {
    reader.browser.ask("document.querySelector('.timeline:not(.still) .view').focus()");
}

fn click(reader: &Reader, at: (f64, f64)) {
    for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
        reader.browser.mouse(kind, at, 0.0);
    }
}

/// Opens the page of the tickets; the first timeline on it is the scene without the lock.
fn open(reader: &Reader) -> f64 {
    let report = reader.tickets();
    reader.browser.open(&report, "ticket-mutex");
    data_of(&report)["sections"][0]["scenes"][0]["picture"]["length"].as_f64().expect("a length")
}

pub(crate) fn an_axis_has_a_time_besides_0_however_narrow_it_is(reader: &Reader) {
    open(reader);
    let count = "import('report/time.js').then(({ ticks }) => {
        const lengths = [1e3, 3e3, 7.1e6, 4.9e8, 43.1e9, 58e9];
        window.fewest = Math.min(...lengths.map((until) => ticks(0, until, 1).length)); })";
    reader.browser.ask(count);
    reader.browser.until("the axis", "return window.fewest !== undefined");
    assert!(reader.browser.ask("return window.fewest").as_u64() >= Some(2));
}

pub(crate) fn buttons_keys_and_the_wheel_narrow_and_move_the_view(reader: &Reader) {
    let length = open(reader);
    assert_eq!(shown(reader), (0.0, length));
    let press = |label: &str| {
        reader.browser.ask(&format!("document.querySelector('.tools [aria-label=\"{label}\"]').click()"));
        reader.browser.settle();
    };
    press("Zoom in");
    let (from, until) = shown(reader);
    assert!(from > 0.0 && until < length, "the button narrows: {from} to {until}");
    press("Later");
    assert!(shown(reader).0 > from, "and moves: {:?}", shown(reader));
    focus(reader);
    reader.browser.press("0");
    assert_eq!(shown(reader), (0.0, length), "0 shows all");
    reader.browser.press("+");
    let narrow = shown(reader);
    assert!(narrow.1 - narrow.0 < length);
    reader.browser.press("ArrowRight");
    assert!(shown(reader).0 > narrow.0, "an arrow moves");
    reader.browser.press("-");
    reader.browser.press("-");
    assert_eq!(shown(reader), (0.0, length), "never more than all");
    let [left, top, width, height] = place(reader);
    reader.browser.mouse("mouseWheel", (left + width * 0.75, top + height / 2.0), -100.0);
    let (from, until) = shown(reader);
    assert!(from > length - until, "the wheel narrows around the pointer: {from} to {until} of {length}");
    // Dragging to the left shows what is later.
    let middle = (left + width * 0.6, top + height / 2.0);
    reader.browser.mouse("mousePressed", middle, 0.0);
    for step in 1..=4 {
        let keys = (middle.0 + f64::from(step) * 20.0, middle.1);
        reader.browser.mouse("mouseMoved", keys, 0.0);
    }
    reader.browser.mouse("mouseReleased", (middle.0 + 80.0, middle.1), 0.0);
    assert!(shown(reader).0 < from, "a drag to the right shows what is earlier: {:?}", shown(reader));
}

pub(crate) fn the_wheel_belongs_to_the_page_until_the_lanes_have_the_focus(reader: &Reader) {
    let length = open(reader);
    let [left, top, width, height] = place(reader);
    let scrolled = || reader.browser.ask("return window.scrollY").as_f64().expect("a number");
    let before = scrolled();
    reader.browser.mouse("mouseWheel", (left + width / 2.0, top + height / 2.0), 120.0);
    reader.browser.until("the page is scrolled", &format!("return window.scrollY > {before}"));
    assert_eq!(shown(reader), (0.0, length));
    assert!(scrolled() > before);
}

pub(crate) fn a_bar_says_who_waits_for_whom_and_how_long_and_a_click_pins_it(reader: &Reader) {
    let report = reader.tickets();
    let data = data_of(&report);
    let picture = &data["sections"][0]["scenes"][1]["picture"];
    reader.browser.open(&report, "ticket-mutex");
    // The scene with the lock alone.
    reader.browser.ask("document.querySelector('.scene').remove()");
    let lanes = picture["lanes"].as_array().expect("lanes");
    let longest = lanes.iter().max_by_key(|lane| longest_wait(lane, &data)).expect("a lane");
    assert!(longest_wait(longest, &data) > 0, "no lane waits");
    let row = lanes.iter().take_while(|lane| *lane != longest).map(|_| 38.0).sum::<f64>();
    let [left, top, width, _] = place(reader);
    // Lanes of 38 pixels below an axis of 24; near the left a wait has begun and lasts.
    let at = (left + width * 0.45, top + 24.0 + row + 13.0);
    reader.browser.mouse("mouseMoved", at, 0.0);
    let name = longest["name"].as_str().expect("a name");
    let text = told(reader);
    assert!(text.starts_with(&format!("{name} waits for tickets.json · ")), "{text}");
    assert!(text.contains("Held meanwhile by user ") && text.contains("It came from user "), "{text}");
    let tip = reader.browser.ask("return document.querySelector('.tip').innerText");
    assert!(tip.as_str().is_some_and(|tip| text.starts_with(tip)), "{tip}");
    click(reader, at);
    assert!(told(reader).contains("pinned"), "{}", told(reader));
    reader.browser.mouse("mouseMoved", (at.0, top + 24.0 + 13.0), 0.0);
    assert!(told(reader).starts_with(name), "what is pinned stays: {}", told(reader));
    click(reader, at);
    assert!(!told(reader).contains("pinned"), "another click lets go: {}", told(reader));
    reader.browser.mouse("mouseMoved", (at.0, top + 24.0 + 13.0), 0.0);
    assert!(told(reader).starts_with("main "), "{}", told(reader));
}

/// How long a lane waited for a lock at once.
fn longest_wait(lane: &Value, data: &Value) -> u64 {
    let layout = Layout::of(data);
    let spans = lane["spans"].as_array().expect("spans").chunks(layout.count("spans"));
    let waits = spans.filter(|span| {
        let state = span[layout.place("spans", "state")].as_u64().and_then(|state| usize::try_from(state).ok());
        state.is_some_and(|state| data["states"][state]["waits"] == true)
    });
    waits.filter_map(|span| span[layout.place("spans", "length")].as_u64()).max().unwrap_or(0)
}

pub(crate) fn keys_alone_walk_through_everything(reader: &Reader) {
    open(reader);
    // From the top of the page to the first timeline by Tab alone.
    reader.browser.ask("document.activeElement.blur(); window.scrollTo(0, 0)");
    let is_there = "return document.activeElement.matches('.timeline:not(.still) .view')";
    let mut steps = 0;
    while reader.browser.ask(is_there) != true {
        reader.browser.press("Tab");
        steps += 1;
        assert!(steps < 60, "Tab does not come to the timeline");
    }
    reader.browser.press("ArrowDown");
    assert!(told(reader).starts_with("main runs"), "{}", told(reader));
    reader.browser.press("ArrowDown");
    assert!(told(reader).starts_with("user 1 runs"), "{}", told(reader));
    let mut seen = Vec::new();
    for _ in 0..4 {
        reader.browser.press("n");
        seen.push(told(reader));
    }
    assert!(seen.iter().any(|told| told.contains("says “user 1 queries: 5 tickets left”")), "{seen:?}");
    reader.browser.press("p");
    assert_eq!(told(reader), seen[2], "and back");
    reader.browser.press("Enter");
    assert!(told(reader).contains("pinned"));
    reader.browser.press("Escape");
    assert!(told(reader).starts_with("Point at a bar"), "{}", told(reader));
    // Beyond it: the code, which is scrolled by keys as well.
    for _ in 0..4 {
        reader.browser.press("Tab");
    }
    let inside = reader.browser.ask("return document.activeElement.closest('.source, .as-table, .scene') !== null");
    assert_eq!(inside, true, "the keyboard is not caught in the timeline");
}

pub(crate) fn a_table_says_the_same_as_the_lanes(reader: &Reader) {
    open(reader);
    reader.browser.ask("document.querySelector('.as-table summary').click()");
    reader.browser.until("the table", "return document.querySelector('.as-table tbody') !== null");
    let row = reader
        .browser
        .ask("return [...document.querySelectorAll('.as-table tbody tr')[1].children].map((cell) => cell.innerText)");
    assert_eq!((&row[0], &row[4]), (&json!("user 1"), &json!("code 0")), "{row}");
    let view = reader.browser.ask(
        "const view = document.querySelector('.timeline:not(.still) .view'); return [view.getAttribute('role'), view.getAttribute('aria-label')]",
    );
    assert_eq!(view, json!(["application", "Timeline of unlocked"]));
    let nameless = reader.browser.ask(
        "return [...document.querySelectorAll('button, select, a, [role], table')].filter((element) =>
            !(element.innerText?.trim() || element.getAttribute('aria-label') || element.getAttribute('role') === 'status')).map((element) => element.outerHTML)",
    );
    assert_eq!(nameless, json!([]), "every control has a name");
}

pub(crate) fn the_line_that_made_an_event_is_marked(reader: &Reader) {
    let report =
        synthetic::with_a_place(&reader.tickets(), &reader.path("place.html"), "crates/ticket-mutex/src/store.rs:118");
    reader.browser.open(&report, "ticket-mutex");
    focus(reader);
    for key in ["ArrowDown", "ArrowDown", "n"] {
        reader.browser.press(key);
    }
    assert!(told(reader).contains("store.rs:118"), "{}", told(reader));
    let marked = reader.browser.ask(
        "const made = document.querySelectorAll('.code .made');
         const list = made[0]?.parentElement;
         const isSeen = made[0]?.offsetTop >= list?.scrollTop && made[0]?.offsetTop < list?.scrollTop + list?.clientHeight;
         return [made.length, [...list?.children ?? []].indexOf(made[0]) + 1, isSeen, document.querySelector('.source select').value]",
    );
    assert_eq!(marked, json!([1, 118, true, "crates/ticket-mutex/src/store.rs"]));
}

pub(crate) fn the_code_opens_on_the_listing_and_then_shows_the_scene(reader: &Reader) {
    let (listing, text) = ("crates/ticket-mutex/examples/sale.rs", "fn main() {\n    // without this line\n}\n");
    let report = synthetic::with_an_example(&reader.tickets(), &reader.path("example.html"), listing, text);
    let data = data_of(&report);
    let code = &data["sections"][0]["scenes"][0]["code"];
    reader.browser.open(&report, "ticket-mutex");
    let shown = || {
        reader.browser.settle();
        reader.browser.ask(
            "const pane = document.querySelector('.source');
             const list = pane.querySelector('.code');
             const top = [...list.children].findIndex((line) => line.offsetTop + line.offsetHeight > list.scrollTop + 4) + 1;
             return [pane.querySelector('select').value, top, [...pane.querySelectorAll('.tabs button')].map((tab) => tab.ariaPressed)]",
        )
    };
    assert_eq!(shown(), json!([listing, 1, ["true", "false"]]));
    reader.browser.ask("document.querySelectorAll('.source .tabs button')[1].click()");
    assert_eq!(shown(), json!([code["file"], code["line"], ["false", "true"]]));
    // What made an event is in the section's own code.
    focus(reader);
    for key in ["ArrowDown", "ArrowDown", "n"] {
        reader.browser.press(key);
    }
    let shown = shown();
    assert!(shown[0] != listing && shown[2] == json!(["false", "true"]), "{shown}");
    reader.browser.ask("document.querySelectorAll('.source .tabs button')[0].click()");
    let listed = reader.browser.ask("return document.querySelector('.source .code').innerText");
    assert!(listed.as_str().is_some_and(|listed| listed.contains("// without this line")), "{listed}");
}

pub(crate) fn every_listing_opens_on_its_key_line_and_no_line_of_code_is_cut(reader: &Reader) {
    let report = reader.whole();
    for width in [390, 830, 1600] {
        reader.browser.resize(width, 900);
        reader.browser.open(&report, "all");
        let wrong = reader.browser.ask(
            "return [...document.querySelectorAll('.source')].flatMap((pane) => {
                 const [list, file] = [pane.querySelector('.code'), pane.querySelector('select').value];
                 const wrong = list.scrollWidth > list.clientWidth ? [`${file} is cut at the right`] : [];
                 if (!file.includes('/examples/')) return wrong;
                 const key = list.querySelector('.key');
                 const isSeen = key && key.offsetTop >= list.scrollTop && key.offsetTop + key.offsetHeight <= list.scrollTop + list.clientHeight;
                 return isSeen ? wrong : [...wrong, `the key line of ${file} is not seen`];
             })",
        );
        assert_eq!(wrong, json!([]), "{width} wide");
    }
}

pub(crate) fn a_hundred_thousand_events_are_drawn_and_can_be_looked_at(reader: &Reader) {
    let report = synthetic::with_many_events(&reader.tickets(), &reader.path("many.html"));
    reader.browser.open(&report, "ticket-mutex");
    let rows = reader.browser.ask(
        "const canvas = document.querySelector('canvas');
         return [...Array(20).keys()].map((lane) =>
             pixels(canvas, 200, 24 + lane * 30 + 4, canvas.width - 220, 20).some((value) => value > 0))",
    );
    assert_eq!(rows.as_array().map(Vec::len), Some(20));
    // As many as fit into the window.
    assert!(rows.as_array().is_some_and(|rows| rows[..17].iter().all(|row| *row == true)), "{rows}");
    let (from, until) = shown(reader);
    focus(reader);
    for _ in 0..12 {
        reader.browser.press("+");
    }
    let narrow = shown(reader);
    assert!(narrow.1 - narrow.0 < (until - from) / 100.0, "{narrow:?}");
    reader.browser.press("ArrowDown");
    reader.browser.press("n");
    assert!(told(reader).contains("worker 1 "), "{}", told(reader));
    reader.browser.press("0");
    assert_eq!(shown(reader), (from, until));
    let frame = reader.browser.ask(
        "const view = document.querySelector('.view');
         const began = performance.now();
         for (let step = 0; step < 20; step += 1) {
             view.dispatchEvent(new KeyboardEvent('keydown', { key: step % 2 === 0 ? '+' : '-' }));
             await new Promise(requestAnimationFrame);
         }
         return (performance.now() - began) / 20",
    );
    // For the log: how fast it is depends on what else runs on this machine.
    eprintln!("100,000 events: {:.1} ms a step of the zoom", frame.as_f64().unwrap_or_default());
}
