use super::*;
use support::roxmltree::Document;

fn row(name: &str, actor: usize, text: &str, sign: Sign) -> Row {
    let (name, text) = (name.to_owned(), text.to_owned());
    Row {
        name,
        actor,
        text,
        sign,
        saw: None,
        missed: None,
        outdates: None,
        source: "queue.rs:7  a < b && c".to_owned(),
    }
}

/// A store that is seen, one that is not, a death and a fold.
fn sequence() -> Sequence {
    let store = row("1", 0, "store a := 7", Sign::Plain);
    let fold = row("", 0, "… 9 steps", Sign::Folded);
    let death = row("11", 0, "is killed", Sign::Death);
    let sees = Row { saw: Some(0), ..row("12", 1, "load a: 7", Sign::Plain) };
    let misses = Row { missed: Some(0), ..row("13", 1, "load b: 0 (old: 1 newer)", Sign::Odd) };
    let actors = vec!["writer".to_owned(), "<reader>".to_owned()];
    Sequence { title: "x & y".to_owned(), actors, rows: vec![store, fold, death, sees, misses] }
}

fn image(sequence: &Sequence) -> String {
    let mut image = Vec::new();
    write(sequence, &mut image).expect("a vector takes all");
    String::from_utf8(image).expect("text")
}

#[test]
fn every_step_has_its_sign_and_every_arrow_its_two_ends() {
    let image = image(&sequence());
    let document = Document::parse(&image).expect("XML");
    let classes = |class: &str| document.descendants().filter(|node| node.attribute("class") == Some(class)).count();
    assert_eq!(["step", "step odd", "step death", "step folded", "cross"].map(classes), [2, 1, 1, 1, 1]);
    let arrow = |class: &str| {
        let mut arrows = document.descendants().filter(|node| node.attribute("class") == Some(class));
        let arrow = arrows.find(|node| node.attribute("marker-end").is_some()).expect("an arrow");
        let numbers = arrow.attribute("d").expect("a path").split(['M', 'C', ' ']).filter(|part| !part.is_empty());
        let numbers: Vec<&str> = numbers.collect();
        [numbers[1], numbers[numbers.len() - 1]].map(str::to_owned)
    };
    let rows = |rows: [usize; 2]| rows.map(|row| format!("{:.1}", middle(row)));
    assert_eq!(arrow("saw"), rows([0, 3]));
    assert_eq!(arrow("missed"), rows([0, 4]));
}

#[test]
fn no_two_columns_overlap_and_all_is_within_the_image() {
    let columns = Columns::of(&sequence());
    let [(left, width), (other, other_width)] = columns.actors[..] else { panic!("two actors") };
    assert!(left + width < other && other + other_width < columns.source && columns.source < columns.width);
}

#[test]
fn a_row_that_refers_to_no_row_or_no_actor_is_drawn_without() {
    let mut wrong = sequence();
    wrong.rows[3].saw = Some(99);
    wrong.rows[4].actor = 99;
    let image = image(&wrong);
    assert!(Document::parse(&image).is_ok());
    assert_eq!(image.matches("class=\"saw\"").count(), 0);
}

#[test]
fn the_legend_tells_of_what_is_drawn_and_of_nothing_else() {
    let words = |sequence: &Sequence| {
        let image = image(sequence);
        let all = ["sees what the other did", "does not see it", "an unexpected value", "several steps"];
        all.map(|words| image.contains(&format!(">{words}</text>")))
    };
    assert_eq!(words(&sequence()), [true; 4]);
    let mut plain = sequence();
    plain.rows.truncate(1);
    assert_eq!(words(&plain), [false; 4]);
    plain.rows.push(Row { saw: Some(0), ..row("2", 1, "load a: 7", Sign::Plain) });
    assert_eq!(words(&plain), [true, false, false, false]);
}

#[test]
fn all_of_the_legend_is_within_the_image() {
    let mut narrow = sequence();
    narrow.rows.iter_mut().for_each(|row| row.source.clear());
    let image = image(&narrow);
    let document = Document::parse(&image).expect("XML");
    let number = |node: &support::roxmltree::Node, name: &str| node.attribute(name)?.parse::<f64>().ok();
    let [width, height] = ["width", "height"].map(|name| number(&document.root_element(), name).expect("a size"));
    for text in document.descendants().filter(|node| node.has_tag_name("text")) {
        let (x, y) = (number(&text, "x").expect("a place"), number(&text, "y").expect("a place"));
        let is_anchored = text.attribute("class").is_some();
        let end = if is_anchored { x } else { x + letters(text.text().unwrap_or_default().width()) };
        assert!(end <= width && y < height, "{:?} ends at {end}, {y} of {width}, {height}", text.text());
    }
}
