//! Whether colours differ enough from the ground that they are on: in both styles, light and dark.

use std::collections::BTreeMap;

use super::legend;

const REPORT: &str = include_str!("../../report/style.css");
const EXPORT: &str = include_str!("../../export/style.css");
/// Colours of a ground, or of a line that only divides.
const GROUNDS: [&str; 5] = ["ground", "raised", "band", "rule", "key"];
/// What the guidelines for accessible pages ask of a picture; of text they ask for 4.5.
const LEAST: f64 = 3.0;

/// The light and the dark value of each variable: `--ink: light-dark(#1d2125, #e3e7eb);`
fn colours(style: &str) -> BTreeMap<&str, [&str; 2]> {
    let found = style.lines().filter_map(|line| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
        let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
        Some((name, [light, dark]))
    });
    found.collect()
}

fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let part = |at: usize| {
            let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour")) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn every_colour_can_be_told_from_each_ground_in_light_and_in_dark() {
    for (style, name) in [(REPORT, "report"), (EXPORT, "export")] {
        let colours = colours(style);
        let (grounds, inks): (Vec<_>, Vec<_>) = colours.iter().partition(|(name, _)| GROUNDS.contains(name));
        assert!(grounds.len() >= 3 && inks.len() >= 6, "{name}: {colours:?}");
        for (ink, values) in &inks {
            for (ground, grounds) in grounds.iter().filter(|(ground, _)| **ground != "rule") {
                for (value, ground_value) in values.iter().zip(*grounds) {
                    let found = contrast(value, ground_value);
                    assert!(found >= LEAST, "{name}: {ink} {value} on {ground} {ground_value}: {found:.2}");
                }
            }
        }
    }
}

#[test]
fn every_state_is_drawn_in_such_a_colour() {
    let colours = colours(REPORT);
    for state in legend::states().as_array().expect("a list") {
        let ink = state["ink"].as_str().expect("a name");
        assert!(colours.contains_key(ink) && !GROUNDS.contains(&ink), "{state}");
    }
}
