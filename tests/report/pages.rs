//! The pages: what is on them, in which language, in which colours, on which screen.

use support::serde_json::Value;

use crate::{Reader, data_of, synthetic};

const NAMES: &str = "return [...document.querySelectorAll('nav a')].map((link) => link.hash.slice(1))";
/// What does not fit into the width of the screen, but for what may be scrolled by itself.
const TOO_WIDE: &str = "
    const wide = document.documentElement.clientWidth;
    const scrolls = (element) => element && (/auto|scroll|hidden/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    return [...document.body.querySelectorAll('*')]
        .filter((element) => element.getBoundingClientRect().right > wide + 1 && !scrolls(element.parentElement))
        .map((element) => element.outerHTML.slice(0, 120))
        .concat(document.documentElement.scrollWidth > wide ? [`${document.documentElement.scrollWidth} > ${wide}`] : [])";
/// The file that each panel of code shows.
const OPENED: &str = "return [...document.querySelectorAll('.source select')].map((select) => select.value)";
/// How many pixels of each canvas have something on them.
const INK: &str = "
    return [...document.querySelectorAll('canvas')].map((canvas) => {
        const data = pixels(canvas);
        let ink = 0;
        for (let at = 3; at < data.length; at += 4) if (data[at] > 0) ink += 1;
        return ink;
    })";
/// What a reader reads and hears of the page, but for code.
const SHOWN: &str = "
    const style = document.createElement('style');
    style.textContent = 'pre, code, select { display: none !important }';
    document.head.append(style);
    const said = [...document.querySelectorAll('[aria-label], [title]')]
        .filter((element) => element.getClientRects().length > 0)
        .map((element) => `${element.ariaLabel ?? ''} ${element.title}`);
    const shown = [document.body.innerText, ...said].join('\\n');
    style.remove();
    return shown";
/// How light the page's ground is: the sum of red, green and blue.
const GROUND: &str = "return getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0)";

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().unwrap_or_else(|| panic!("a list was expected: {value}"));
    list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn words(reader: &Reader, selector: &str) -> String {
    let script =
        format!("return [...document.querySelectorAll('{selector}')].map((found) => found.innerText).join('\\n')");
    reader.browser.ask(&script).as_str().unwrap_or_default().to_owned()
}

pub(crate) fn the_first_page_says_why_a_lock_is_needed_and_where_its_time_goes(reader: &Reader) {
    let report = reader.tickets();
    reader.browser.open(&report, "");
    let told = words(reader, ".act");
    let [without, with] = told.split("With the lock").collect::<Vec<_>>()[..] else { panic!("{told}") };
    for part in ["Up to 8 slept at the same time", "8 said “queries: 5 tickets left”", "8 said “bought ticket 5”"]
    {
        assert!(without.contains(part), "{part}: {without}");
    }
    for part in ["tickets.json had a holder for", "the holder slept", "waited 7 times", "No two slept at the same time"]
    {
        assert!(with.contains(part), "{part}: {with}");
    }
    assert!(with.contains("the same ticket sold again 0") && with.contains("different tickets sold 5"), "{with}");
    assert!(
        without.contains("the same ticket sold again 7") && without.contains("sold beyond the stock 3"),
        "{without}"
    );
    let ink = reader.browser.ask(INK);
    assert!(
        ink.as_array().is_some_and(|ink| ink.len() == 2 && ink.iter().all(|ink| ink.as_u64() > Some(2000))),
        "{ink}"
    );
}

pub(crate) fn every_section_has_a_page_with_each_of_its_lanes(reader: &Reader) {
    let report = reader.whole();
    let data = data_of(&report);
    reader.browser.open(&report, "");
    let sections = data["sections"].as_array().expect("sections");
    assert_eq!(sections.len(), support::sections().len());
    let mut names = texts(&reader.browser.ask(NAMES));
    assert_eq!((names.remove(0).as_str(), names.pop().as_deref()), ("overview", Some("all")));
    assert_eq!(names, sections.iter().filter_map(|section| section["name"].as_str()).collect::<Vec<_>>());
    let rows = words(reader, "main table tbody th");
    assert_eq!(rows.lines().collect::<Vec<_>>(), names, "the table of the first page");
    for section in sections {
        let name = section["name"].as_str().expect("a name");
        reader.browser.open(&report, name);
        assert_eq!(words(reader, "h1"), name);
        let scenes = section["scenes"].as_array().expect("scenes");
        assert!(!scenes.is_empty(), "{name}");
        let titles: Vec<_> = scenes.iter().filter_map(|scene| scene["name"].as_str()).collect();
        assert_eq!(words(reader, ".scene > h2").lines().collect::<Vec<_>>(), titles);
        let ink = reader.browser.ask(INK);
        let ink = ink.as_array().expect("a list");
        assert_eq!(ink.len(), scenes.len(), "{name}: a canvas for each scene");
        assert!(ink.iter().all(|ink| ink.as_u64() > Some(200)), "{name}: {ink:?}");
        reader.browser.ask("document.querySelectorAll('.as-table').forEach((table) => { table.open = true; })");
        reader.browser.until("the tables", "return document.querySelectorAll('.as-table table').length === document.querySelectorAll('.as-table').length");
        let lanes = words(reader, ".as-table tbody th");
        let known = scenes.iter().flat_map(|scene| scene["picture"]["lanes"].as_array().expect("lanes"));
        let known: Vec<_> = known.filter_map(|lane| lane["name"].as_str()).collect();
        assert_eq!(lanes.lines().collect::<Vec<_>>(), known, "{name}");
        let checks = words(reader, ".checks tbody :is(.verdict, .doubt)");
        assert_eq!(checks.lines().count() as u64, section["made"].as_u64().expect("a number"), "{name}: {checks}");
        assert!(
            checks.lines().all(|check| check.ends_with("held") || check.starts_with("no verdict: ")),
            "{name}: {checks}"
        );
        let opened = texts(&reader.browser.ask(OPENED));
        let code = scenes.iter().map(|scene| &scene["code"]);
        let first = code.filter_map(|code| code["examples"][0].as_str().or(code["file"].as_str()));
        assert_eq!(opened, first.collect::<Vec<_>>(), "{name}: its listing, or the scene");
        assert!(words(reader, ".source option").contains(&format!("crates/{name}/src/lib.rs")));
        assert!(words(reader, ".source code").contains("fn "), "{name}: its code");
        assert!(!words(reader, ".notes-say li").is_empty(), "{name}: what the notes say");
    }
}

pub(crate) fn every_scene_says_what_it_is_about_in_every_language(reader: &Reader) {
    let report = reader.whole();
    reader.browser.open(&report, "all");
    let languages = data_of(&report)["languages"].clone();
    for lang in languages.as_object().expect("tables").keys() {
        reader.browser.ask(&format!("document.querySelector('[data-lang={lang}]').click()"));
        reader.browser.settle();
        let silent = "return [...document.querySelectorAll('.scene')]
            .filter((scene) => !(scene.querySelector('[data-scene]')?.innerText.length > 10)).map((scene) => scene.id)";
        assert_eq!(texts(&reader.browser.ask(silent)), Vec::<String>::new(), "{lang}");
    }
}

pub(crate) fn the_language_is_switched_and_kept(reader: &Reader) {
    let report = reader.tickets();
    reader.browser.open(&report, "ticket-mutex/locked");
    assert!(words(reader, ".prose").contains("three steps"));
    reader.browser.ask("document.querySelector('[data-lang=zh]').click()");
    reader.browser.settle();
    assert!(words(reader, ".prose").contains("买一张票有三步"));
    assert!(words(reader, ".facts").contains("有人持有 tickets.json"));
    assert!(words(reader, ".checks h3").contains("事先的断言"));
    let claims = words(reader, ".checks tbody th");
    assert!(claims.lines().all(|claim| claim.contains('票')), "the journal has them in both languages: {claims}");
    assert_eq!(reader.browser.ask("return document.documentElement.lang"), "zh-CN");
    reader.browser.open(&report, "");
    assert!(words(reader, "h1").starts_with("全部成立"), "{}", words(reader, "h1"));
    reader.browser.ask("document.querySelector('[data-lang=en]').click()");
    reader.browser.settle();
    assert!(words(reader, "h1").starts_with("Everything held"));
}

pub(crate) fn a_chinese_reader_finds_nothing_english_but_names(reader: &Reader) {
    let sections = "spawn,daemon,ticket-mutex,ipc-queue,prod-cons";
    let report = reader.tour("chinese.html", &["--lang", "zh", "--speed", "inf", "--only", sections]);
    let data = data_of(&report);
    let scenes = data["sections"].as_array().expect("sections").iter();
    let scenes = scenes.flat_map(|section| section["scenes"].as_array().expect("scenes"));
    let names = scenes.filter_map(|scene| scene["name"].as_str().map(str::to_owned));
    let names = names.chain(support::sections().into_iter().map(|section| section.name));
    // Keys, a queue's name in the notes, and the way back.
    let names = names.flat_map(|name| name.split('-').map(str::to_owned).collect::<Vec<_>>());
    let names: Vec<String> = names.chain(["Esc", "English", "queue", "accept", "SIGCHLD"].map(str::to_owned)).collect();
    for page in texts(&reader.browser.ask(NAMES)) {
        reader.browser.open(&report, &page);
        reader.browser.settle();
        let shown = reader.browser.ask(SHOWN);
        support::chinese::expect_no_english(&page, shown.as_str().expect("a text"), &names);
    }
}

pub(crate) fn it_is_light_or_dark_as_the_reader_is_or_as_the_reader_says(reader: &Reader) {
    let report = reader.tickets();
    reader.browser.open(&report, "ticket-mutex");
    let ground = || reader.browser.ask(GROUND).as_f64().expect("a colour");
    // The colour of a name on the canvas: ink on light ground is dark, and the other way round.
    let ink = || {
        let script = "
            const data = pixels(document.querySelector('canvas'), 0, 24, 60, 30);
            let [most, sum] = [0, 0];
            for (let at = 0; at < data.length; at += 4)
                if (data[at + 3] > most) [most, sum] = [data[at + 3], data[at] + data[at + 1] + data[at + 2]];
            return sum";
        reader.browser.ask(script).as_f64().expect("a colour")
    };
    assert!(ground() > 700.0 && ink() < 300.0, "light: {} and {}", ground(), ink());
    reader.browser.prefer("dark");
    assert!(ground() < 150.0 && ink() > 450.0, "dark: {} and {}", ground(), ink());
    let choose = |theme: &str| {
        reader.browser.ask(&format!(
            "const theme = document.getElementById('theme'); theme.value = '{theme}'; theme.dispatchEvent(new Event('change'))"
        ));
        reader.browser.settle();
    };
    choose("light");
    assert!(ground() > 700.0 && ink() < 300.0, "light, because the reader says so");
    choose("auto");
    assert!(ground() < 150.0 && ink() > 450.0, "dark again");
}

pub(crate) fn on_a_telephone_nothing_is_wider_than_the_screen(reader: &Reader) {
    let report = reader.whole();
    for (width, height) in [(360, 740), (820, 1000), (1280, 900)] {
        reader.browser.resize(width, height);
        for lang in ["zh", "en"] {
            reader.browser.open(&report, "all");
            reader.browser.ask(&format!("document.querySelector('[data-lang={lang}]').click()"));
            reader.browser.settle();
            assert_eq!(texts(&reader.browser.ask(TOO_WIDE)), Vec::<String>::new(), "{width} wide, {lang}");
        }
    }
}

pub(crate) fn on_paper_the_lanes_are_there_and_the_buttons_are_not(reader: &Reader) {
    let report = reader.tickets();
    reader.browser.prefer("dark");
    reader.browser.open(&report, "ticket-mutex");
    reader.browser.ask(
        "window.seen = []; window.addEventListener('beforeprint', () => window.seen.push(
            document.documentElement.hasAttribute('data-print'), getComputedStyle(document.body).backgroundColor))",
    );
    let pdf = reader.browser.print();
    assert!(pdf.starts_with("JVBER") && pdf.len() > 20_000, "a PDF of {} characters", pdf.len());
    let seen = reader.browser.ask("return window.seen");
    assert_eq!(seen[0], true, "the page knows that it is printed: {seen}");
    let after = reader.browser.ask("return document.documentElement.hasAttribute('data-print')");
    assert_eq!(after, false, "and that it is a page again");
    // The rules for paper, looked at one by one.
    let hidden = reader.browser.ask(
        "const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter((rule) => rule.media?.mediaText === 'print');
         return rules.flatMap((rule) => [...rule.cssRules]).filter((rule) => rule.style?.display === 'none').map((rule) => rule.selectorText).join(' ')",
    );
    for what in [".tools", "nav", ".source"] {
        assert!(hidden.as_str().is_some_and(|hidden| hidden.contains(what)), "{what}: {hidden}");
    }
}

pub(crate) fn one_sleeper_is_said_to_be_the_only_one(reader: &Reader) {
    let report = reader.tour("sleeper.html", &["--only", "spawn", "--speed", "50"]);
    reader.browser.open(&report, "spawn");
    let scene = data_of(&report)["sections"][0]["scenes"][0].clone();
    let sleeper = &scene["picture"]["lanes"][1];
    assert_eq!((&scene["facts"]["sleepers"], &scene["facts"]["sleeper"]), (&1.into(), &1.into()));
    let told = words(reader, ".scene:first-of-type .facts");
    let alone = format!("{} alone slept", sleeper["name"].as_str().expect("a name"));
    assert!(told.contains(&alone) && !told.contains("No two slept"), "{told}");
}

pub(crate) fn a_tour_that_ended_early_says_so(reader: &Reader) {
    let report = synthetic::with_more_asked(&reader.tickets(), &reader.path("early.html"));
    reader.browser.open(&report, "");
    let told = words(reader, "h1");
    assert_eq!(told, "Ended early: 1 of 3 sections were done, and 1 of them held.");
}

pub(crate) fn a_section_that_hung_has_a_page_that_says_so(reader: &Reader) {
    let report = reader.tour("hung.html", &["--only", "spawn", "--speed", "0.01", "--deadline", "1"]);
    reader.browser.open(&report, "");
    assert!(words(reader, "h1").starts_with("Not everything held: 0 of 1"), "{}", words(reader, "h1"));
    reader.browser.open(&report, "spawn");
    assert!(words(reader, ".state").contains("hung"), "{}", words(reader, ".state"));
    assert!(words(reader, ".checks").contains("not checked"), "{}", words(reader, ".checks"));
    let ink = reader.browser.ask(INK);
    assert!(ink[0].as_u64() > Some(200), "what it did before it hung: {ink}");
}

pub(crate) fn it_makes_no_request(reader: &Reader) {
    let report = reader.whole();
    reader.browser.open(&report, "all");
    let loaded = reader.browser.ask(
        "return performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => !name.startsWith('data:'))",
    );
    assert_eq!(texts(&loaded), Vec::<String>::new());
    let policy = reader.browser.ask("return document.querySelector('meta[http-equiv]').content");
    assert!(policy.as_str().is_some_and(|policy| policy.starts_with("default-src 'none'")), "{policy}");
    let asked = "return await fetch('http://127.0.0.1:9/').then(() => 'fetched', () => 'refused')";
    assert_eq!(reader.browser.ask(asked), "refused");
    // The refusal is a complaint of the browser, and was asked for.
    assert!(!reader.browser.complaints().is_empty());
}
