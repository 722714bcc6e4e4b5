//! The image: well-formed, readable without seeing it, and small.

use serde_json::json;
use support::roxmltree;

use super::*;
use crate::lanes::synthetic::{Script, everything};

fn image(run: &Run) -> String {
    let mut bytes = Vec::new();
    write(run, &mut bytes).expect("memory");
    String::from_utf8(bytes).expect("text")
}

/// The names of all elements, as an XML parser sees them.
fn elements(image: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(image).unwrap_or_else(|error| panic!("{error}: {image}"));
    let elements = document.descendants().filter(roxmltree::Node::is_element);
    elements.map(|node| node.tag_name().name().to_owned()).collect()
}

#[test]
fn it_is_well_formed_and_needs_nothing_from_elsewhere() {
    for lang in ["en", "zh"] {
        let image = image(&everything(lang));
        let elements = elements(&image);
        assert_eq!(elements[..3], ["svg", "title", "desc"]);
        assert!(!elements.iter().any(|name| name == "script" || name == "image"));
        assert_eq!(image.matches("http").count(), 1, "the name of the format, and no address");
    }
}

#[test]
fn it_tells_in_words_what_it_shows() {
    let image = image(&everything("en"));
    for words in
        ["role=\"img\"", "aria-labelledby=\"title desc\"", "Timeline of ticket-mutex", "prefers-color-scheme:dark"]
    {
        assert!(image.contains(words), "{words}");
    }
    assert!(image.contains("locked: 5 actors, 1.00 s, 2 hand-overs. piggy dies of SIGKILL at 500 ms."), "{image}");
    assert!(image.contains("<title>user 1 holds tickets.json.lock: 100 ms + 500 ms</title>"));
    assert!(image.contains("<title>piggy works on queue 1: 100 ms + 400 ms, cut by its death</title>"));
}

#[test]
fn every_state_has_a_look_of_its_own() {
    let style = include_str!("style.css");
    for state in crate::lanes::State::ALL {
        assert!(style.contains(&format!("\n.{}{{", lane::class(state))), "{state:?}");
    }
}

#[test]
fn figures_that_compare_are_bars_above_the_lanes() {
    let figure = |subject: &str, measure: &str, value: f64| json!({ "text": "", "subject": subject, "measure": measure, "value": value, "unit": "ms" });
    let run = Script::new("en")
        .line(1, 1, "main", "figure", figure("threads", "wall time", 50.0))
        .line(2, 1, "main", "figure", figure("a<b", "wall time", 100.0))
        .line(3, 1, "main", "figure", figure("threads", "CPU time", 7.0))
        .line(4, 1, "main", "figure", json!({ "text": "left", "value": 0, "unit": "tickets" }))
        .read();
    assert_eq!(run.scenes[0].charts.len(), 2);
    let image = image(&run);
    assert!(image.contains("wall time in ms: threads 50.0, a&lt;b 100. CPU time in ms: threads 7.00."), "{image}");
    let document = roxmltree::Document::parse(&image).expect("XML");
    let bars = document.descendants().filter(|node| node.attribute("class") == Some("bar"));
    let widths: Vec<f64> =
        bars.map(|bar| bar.attribute("width").expect("a width").parse().expect("a number")).collect();
    assert!((widths[1] / widths[0] - 2.0).abs() < 0.01 && widths.len() == 3, "{widths:?}");
    let y = |node: &roxmltree::Node| node.attribute("y").and_then(|y| y.parse::<f64>().ok()).expect("a place");
    let of = |class: &str| {
        document
            .descendants()
            .filter(|node| node.attribute("class") == Some(class))
            .map(|node| y(&node))
            .collect::<Vec<_>>()
    };
    let lowest = of("bar").into_iter().fold(0.0, f64::max);
    assert!(of("running").iter().all(|lane| *lane > lowest + 12.0), "{image}");
}

#[test]
fn the_legend_tells_of_what_is_drawn_and_of_nothing_else() {
    let image = image(&everything("en"));
    let told = |words: &str| image.contains(&format!(">{words}</text>"));
    assert!(
        ["waiting", "holding a lock", "redelivered", "dies", "last owner died", "hands over"]
            .iter()
            .all(|words| told(words)),
        "{image}"
    );
    assert!(!told("dead letter") && !told("mark"), "{image}");
}

#[test]
fn what_two_actors_get_at_once_is_two_arrows_and_no_other_sign() {
    let script = Script::new("en").born(10, 8, "cook").born(20, 9, "piggy").born(30, 10, "monkey");
    let run = script.mark(500, 9, "handed over", 8).mark(500, 10, "handed over", 8).say(1000, 1, "the end").read();
    let image = image(&run);
    let document = roxmltree::Document::parse(&image).expect("XML");
    let of = |class: &str| document.descendants().filter(|node| node.attribute("class") == Some(class)).count();
    // One more is in the legend.
    assert_eq!((of("handover"), of("mark other"), of("mark")), (3, 0, 0), "{image}");
}

#[test]
fn names_cannot_break_out_of_it() {
    let run = Script::new("en").born(0, 9, "</text><script>&\u{0}\u{9b}\u{202e}").say(5, 9, "<b>").read();
    let image = image(&run);
    assert!(!elements(&image).iter().any(|name| name == "script"));
    assert!(!image.contains(['\u{9b}', '\u{202e}']), "a name that is shown in another order");
}

#[test]
fn a_long_run_makes_no_large_image() {
    let mut script = Script::new("en").born(0, 9, "a");
    for number in 0..20_000 {
        let time = 10 * number;
        script = script.begin(time, 9, number, "hold-lock", "a").say(time + 1, 9, "x").end(time + 2, 9, number);
    }
    let size = image(&script.read()).len();
    assert!(size < 1_000_000, "{size} bytes");
}

#[test]
fn a_legend_that_is_wider_than_the_picture_goes_on_in_a_second_row() {
    for language in ["en", "zh"] {
        let image = image(&everything(language));
        let document = roxmltree::Document::parse(&image).expect("XML");
        let number = |node: &roxmltree::Node, name| node.attribute(name).and_then(|value| value.parse::<f64>().ok());
        let texts: Vec<_> = document.descendants().filter(|node| node.has_tag_name("text")).collect();
        for node in &texts {
            let from = number(node, "x").expect("a place");
            let columns = as_float(node.text().unwrap_or_default().width());
            let fits = node.attribute("text-anchor").is_some() || from + columns * LETTER <= WIDTH;
            assert!(fits, "{:?} ends beyond the picture", node.text());
        }
        let height = number(&document.root_element(), "height").expect("a height");
        assert!(texts.iter().all(|node| number(node, "y").is_some_and(|y| y < height)));
    }
}

/// The left and the right end of an element, and its top and bottom, as far as they are in its attributes.
fn extent(node: &roxmltree::Node) -> [f64; 4] {
    let number = |name| node.attribute(name).and_then(|value| value.parse::<f64>().ok());
    let (x, y) = (number("x").unwrap_or_default(), number("y").unwrap_or_default());
    match node.tag_name().name() {
        "circle" => {
            let (x, y, r) = (number("cx").unwrap_or(-1e6), number("cy").unwrap_or(-1e6), number("r").unwrap_or(1e6));
            [x - r, x + r, y - r, y + r]
        }
        "rect" => [x, x + number("width").unwrap_or_default(), y, y + number("height").unwrap_or_default()],
        "text" => {
            let wide = as_float(node.text().unwrap_or_default().width()) * LETTER;
            let left = if node.attribute("text-anchor") == Some("end") { x - wide } else { x };
            [left, left + wide, y - 11.0, y]
        }
        _ => [0.0; 4],
    }
}

#[test]
fn nothing_of_any_picture_lies_outside_of_it() {
    let figure =
        json!({ "text": "", "subject": "a long name of a way", "measure": "wall time", "value": 5, "unit": "ms" });
    let bars = Script::new("en").line(1, 1, "main", "figure", figure).read();
    let mut late = Script::new("zh").born(0, 9, "一个名字很长很长很长很长很长很长的演员");
    late = late.begin(990, 9, 1, "hold-lock", "a").ended(1000, 9, "signal SIGKILL").mark(1000, 1, "owner died", 9);
    let tick_at_the_end = Script::new("zh").say(417, 1, "the end").read();
    for run in [everything("en"), everything("zh"), bars, late.say(1000, 1, "the end").read(), tick_at_the_end] {
        let image = image(&run);
        let document = roxmltree::Document::parse(&image).expect("XML");
        let height: f64 = document.root_element().attribute("height").expect("a height").parse().expect("a number");
        let is_drawn = |node: &roxmltree::Node| !node.ancestors().any(|node| node.has_tag_name("defs"));
        for node in document.descendants().filter(is_drawn) {
            let [left, right, top, bottom] = extent(&node);
            let fits = left >= 0.0 && right <= WIDTH && top >= 0.0 && bottom <= height;
            assert!(
                fits,
                "{:?} lies outside: {left} to {right}, {top} to {bottom}",
                node.text().or(node.attribute("class"))
            );
        }
    }
}

#[test]
fn a_held_lock_and_work_can_be_seen_however_short_they_are() {
    let script = Script::new("en").born(0, 9, "a").begin(500, 9, 1, "work", "queue 1").end(500, 9, 1);
    let image = image(&script.say(100_000, 1, "the end").read());
    let document = roxmltree::Document::parse(&image).expect("XML");
    let is_work = |node: &roxmltree::Node| node.attribute("class") == Some("working") && node.has_children();
    let work = document.descendants().find(is_work).expect("the work");
    assert!(work.attribute("width").and_then(|width| width.parse::<f64>().ok()) >= Some(2.0));
}

/// Threads that are there for a moment each, ten at a time, in a long run: half of its life each waits.
fn crowd(count: u64) -> Run {
    let mut script = Script::new("en");
    for number in 0..count {
        let (pid, at) = (10 + i32::try_from(number).expect("few"), 10 * number);
        script = script.born(at, pid, &format!("thread {}", number % 100 + 1)).begin(at, pid, 1, "wait-lock", "a");
        let exit = if number == 70 { "signal SIGKILL" } else { "returned" };
        script = script.end(at + 50, pid, 1).begin(at + 50, pid, 2, "hold-lock", "a").end(at + 51, pid, 2);
        script = script.mark(at + 51, pid, if number == 30 { "owner died" } else { "handed over" }, pid - 1);
        script = script.ended(at + 100, pid, exit);
    }
    script.say(10 * count + 100, 1, "end").read()
}

/// The points of a path of `M`, `H`, `V` and `z`, each with its place.
fn points(path: &str) -> Vec<(f64, f64)> {
    let (mut x, mut y, mut points) = (0.0, 0.0, Vec::new());
    let mut rest = path;
    while let Some(command) = rest.chars().next() {
        let end = rest[1..].find(['M', 'H', 'V', 'z']).map_or(rest.len(), |end| end + 1);
        let numbers: Vec<f64> = rest[1..end].split(' ').filter_map(|number| number.parse().ok()).collect();
        match (command, &numbers[..]) {
            ('M', [to_x, to_y]) => (x, y) = (*to_x, *to_y),
            ('H', [to]) => x = *to,
            ('V', [to]) => y = *to,
            ('z', []) => {}
            other => panic!("{other:?}"),
        }
        points.push((x, y));
        rest = &rest[end..];
    }
    points
}

#[test]
fn a_crowd_is_a_band_as_high_as_its_lanes_are_many() {
    let image = image(&crowd(600));
    let document = roxmltree::Document::parse(&image).expect("XML");
    let height: f64 = document.root_element().attribute("height").expect("a height").parse().expect("a number");
    assert!(height < 300.0 && image.len() < 60_000, "{height} high, {} bytes", image.len());
    let told = |words: &str| document.descendants().any(|node| node.has_tag_name("text") && node.text() == Some(words));
    assert!(told("thread ×600") && told("at most 10 at once"), "{image}");
    let area = |class: &str| {
        let is_it = |node: &roxmltree::Node| node.attribute("class") == Some(class);
        let found = document.descendants().find(is_it).unwrap_or_else(|| panic!("no {class}: {image}"));
        points(found.attribute("d").expect("a path"))
    };
    let highest = |points: &[(f64, f64)]| points.iter().map(|(_, y)| *y).fold(f64::INFINITY, f64::min);
    let lowest = |points: &[(f64, f64)]| points.iter().map(|(_, y)| *y).fold(0.0, f64::max);
    let (holding, waiting, running) = (area("crowd holding"), area("crowd waiting"), area("crowd running"));
    // Five of ten wait, one holds now and then, the others run; what is held can be seen.
    assert!(lowest(&holding) - highest(&holding) >= 1.5, "{holding:?}");
    let (bottom, wide) = (lowest(&holding), 56.0);
    assert!((bottom - highest(&running) - wide).abs() < 3.0, "{} to {bottom}", highest(&running));
    assert!((bottom - highest(&waiting) - wide / 2.0).abs() < 8.0, "{} to {bottom}", highest(&waiting));
    for (x, y) in [holding, waiting, running].concat() {
        assert!((0.0..=WIDTH).contains(&x) && (0.0..=height).contains(&y), "{x}, {y}");
    }
    // What a reader must not miss, and nothing else: no arrow, no word.
    for class in ["dies", "mark"] {
        let signs = document.descendants().filter(|node| node.attribute("class") == Some(class));
        assert_eq!(signs.filter(roxmltree::Node::has_children).count(), 1, "{class}");
    }
    assert!(!image.contains("class=\"handover\""), "{image}");
    assert!(["thread 71", "thread 31", "dies", "last owner died"].iter().all(|words| image.contains(words)), "{image}");
    assert!(!told("hands over"), "{image}");
}

#[test]
fn a_larger_crowd_makes_no_larger_image() {
    let size = |count| image(&crowd(count)).len();
    assert!(size(2_000) < 2 * size(200), "{} and {} bytes", size(200), size(2_000));
}

#[test]
fn every_colour_can_be_told_from_the_ground() {
    let luminance = |colour: u32| {
        let part = |shift: u32| {
            let part = f64::from(colour >> shift & 0xff) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
    };
    let schemes = include_str!("style.css").lines().filter_map(|line| line.split_once("svg{").map(|(_, rest)| rest));
    let schemes: Vec<_> = schemes.collect();
    assert_eq!(schemes.len(), 2, "light and dark");
    for scheme in schemes {
        let colours = scheme.trim_end_matches('}').split(';').filter_map(|rule| {
            let (name, value) = rule.split_once(":#")?;
            // `fff` is `ffffff`.
            let value = if value.len() == 3 {
                value.chars().flat_map(|digit| [digit, digit]).collect()
            } else {
                value.to_owned()
            };
            Some((name, luminance(u32::from_str_radix(&value, 16).expect("a colour")) + 0.05))
        });
        let colours: Vec<_> = colours.collect();
        let ground = colours[0].1;
        assert_eq!(colours[0].0, "--ground");
        for (name, ink) in colours.iter().filter(|(name, _)| !matches!(*name, "--ground" | "--rule")) {
            let contrast = ink.max(ground) / ink.min(ground);
            assert!(contrast >= 3.0, "{name}: {contrast:.2}");
        }
    }
}
