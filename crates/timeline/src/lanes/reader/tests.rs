//! What becomes of a journal, line by line.

use serde_json::json;

use crate::lanes::synthetic::{Script, everything};
use crate::lanes::{Lane, Run, Scene, State, What};
use journal::Lang;

const MS: u64 = 1_000_000;

fn only_scene(run: &Run) -> &Scene {
    assert_eq!(run.scenes.len(), 1);
    &run.scenes[0]
}

fn lane(run: &Run, pid: i32) -> &Lane {
    only_scene(run).lanes.iter().find(|lane| lane.pid == pid).expect("a lane")
}

/// From, until and depth of every span, in milliseconds.
fn spans(lane: &Lane) -> Vec<(u64, u64, usize)> {
    lane.spans.iter().map(|span| (span.from / MS, span.until / MS, span.depth)).collect()
}

#[test]
fn every_actor_has_a_lane_from_its_birth_to_its_end() {
    let run = everything("en");
    let told: Vec<_> =
        only_scene(&run).lanes.iter().map(|lane| (lane.name.as_str(), lane.born / MS, lane.ended / MS)).collect();
    let lanes = [("main", 0, 1000), ("user 1", 20, 800), ("user 2", 30, 900), ("piggy", 40, 500), ("monkey", 50, 950)];
    assert_eq!(told, lanes);
    assert_eq!(lane(&run, 13).exit.as_deref(), Some("signal SIGKILL"));
    assert_eq!(
        (lane(&run, 13).death(), lane(&run, 14).death(), lane(&run, 12).death()),
        (Some("SIGKILL"), Some("code 7"), None)
    );
    assert_eq!((run.section.as_str(), run.lang, run.skipped), ("ticket-mutex", Lang::En, 0));
}

#[test]
fn two_actors_of_one_name_are_told_apart_in_every_scene_that_they_share() {
    let again = |script: Script, at: u64, pid: i32| script.born(at, pid, "eater").ended(at + 5, pid, "code 0");
    let first = again(again(Script::new("en").born(5, 9, "cook"), 10, 11), 20, 12);
    let second = again(first.line(30, 1, "main", "scene", json!({ "text": "free" })).say(32, 9, "x"), 40, 13);
    let run = second.say(60, 1, "the end").read();
    let names = |scene: usize| run.scenes[scene].lanes.iter().map(|lane| lane.name.as_str()).collect::<Vec<_>>();
    assert_eq!((names(0), names(1)), (vec!["main", "cook", "eater", "eater #2"], vec!["main", "cook", "eater"]));
}

#[test]
fn spans_nest_and_a_pause_in_a_lock_is_sleep_with_the_lock() {
    let run = everything("en");
    assert_eq!(spans(lane(&run, 11)), [(100, 600, 0), (200, 500, 1)]);
    let states: Vec<_> = lane(&run, 11).states().into_iter().map(|(time, state)| (time / MS, state)).collect();
    let expected = [
        (20, State::Running),
        (100, State::Holding),
        (200, State::HoldingAsleep),
        (500, State::Holding),
        (600, State::Running),
    ];
    assert_eq!(states, expected);
}

#[test]
fn the_death_of_an_actor_cuts_all_that_it_was_in() {
    let run = everything("en");
    let cut: Vec<_> = lane(&run, 13).spans.iter().map(|span| (span.until / MS, span.cut)).collect();
    assert_eq!(cut, [(500, true), (500, true)]);
    assert!(lane(&run, 11).spans.iter().all(|span| !span.cut));
}

#[test]
fn a_process_that_is_not_reaped_is_a_zombie_and_a_killed_one_said_nothing() {
    let exits = json!({ "what": "exits", "on": "", "exit": "code 0" });
    let script = Script::new("en").born(0, 9, "a").born(0, 8, "b").pause(10, 9, 20).line(40, 9, "a", "mark", exits);
    let run = script.ended(90, 9, "code 0").ended(95, 8, "signal SIGKILL").read();
    let states: Vec<_> = lane(&run, 9).states().into_iter().map(|(time, state)| (time / MS, state)).collect();
    assert_eq!(states, [(0, State::Running), (10, State::Sleeping), (30, State::Running), (40, State::Zombie)]);
    assert_eq!((lane(&run, 9).last() / MS, lane(&run, 9).ended / MS, lane(&run, 9).marks.len()), (40, 90, 0));
    assert_eq!((lane(&run, 8).last() / MS, lane(&run, 8).exits), (95, None));
}

#[test]
fn a_pause_that_was_over_before_the_death_is_not_cut() {
    let run = Script::new("en").born(0, 9, "a").pause(10, 9, 20).ended(50, 9, "signal SIGKILL").read();
    let pause = &lane(&run, 9).spans[0];
    assert_eq!((pause.until / MS, pause.cut), (30, false));
}

#[test]
fn a_pause_ends_with_the_next_word_of_its_actor_and_of_nobody_else() {
    let script = Script::new("en").born(0, 9, "a").pause(10, 9, 500).say(20, 1, "other").say(30, 9, "awake");
    assert_eq!(spans(lane(&script.say(900, 1, "end").read(), 9)), [(10, 30, 0)]);
}

#[test]
fn what_is_open_at_the_end_of_the_record_ends_there_and_is_not_cut() {
    let run = Script::new("en").begin(10, 1, 1, "wait-join", "queue 1").pause(20, 1, 900).say(20, 7, "stranger").read();
    let main = lane(&run, 1);
    assert_eq!(spans(main), [(10, 20, 0), (20, 20, 1)]);
    assert!(main.spans.iter().all(|span| !span.cut) && main.exit.is_none());
}

#[test]
fn an_end_also_ends_the_spans_within_whose_end_is_missing() {
    let run = Script::new("en")
        .begin(10, 1, 1, "hold-lock", "a")
        .begin(20, 1, 2, "wait-put", "queue 1")
        .line(40, 1, "main", "end", json!({ "span": 1, "how": "interrupted" }))
        .read();
    assert_eq!(spans(lane(&run, 1)), [(10, 40, 0), (20, 40, 1)]);
    assert_eq!(lane(&run, 1).spans[0].how.as_deref(), Some("interrupted"));
}

#[test]
fn a_span_that_outlives_the_one_around_it_goes_on_beside_it() {
    let script = Script::new("en").begin(10, 1, 1, "hold-lock", "a").begin(20, 1, 2, "hold-lock", "b").end(30, 1, 1);
    let run = script.end(50, 1, 2).read();
    assert_eq!(spans(lane(&run, 1)), [(10, 30, 0), (20, 30, 1), (30, 50, 0)]);
    assert_eq!((lane(&run, 1).spans[2].on.as_str(), run.skipped), ("b", 0));
}

#[test]
fn a_record_that_was_full_says_when() {
    let full = json!({ "what": "record full", "on": "" });
    let run = Script::new("zh").say(10, 1, "a").line(20, 1, "main", "mark", full).read();
    assert_eq!((run.full_at, run.skipped), (Some(20 * MS), 0));
    assert_eq!(run.caveats(), ["记录在 20.0 毫秒 写满;之后的事情没有画出"]);
    assert!(lane(&run, 1).marks.iter().all(|mark| mark.what == What::Said));
}

#[test]
fn a_record_with_holes_says_how_many() {
    for (lang, caveat) in
        [("en", "events missing because a kill cut them short: 2"), ("zh", "因进程被杀而没有写完的事件: 2 个")]
    {
        let mut run = Script::new(lang).say(10, 1, "a").read();
        assert_eq!(run.caveats(), [""; 0]);
        run.holes = 2;
        assert_eq!(run.caveats(), [caveat]);
    }
}

#[test]
fn what_a_line_of_code_made_names_it() {
    let at = |line: u32| format!("crates/race/src/lib.rs:{line}");
    let run = Script::new("en")
        .line(1, 1, "main", "born", json!({ "child": "a", "child_pid": 9, "child_tid": 9, "at": at(1) }))
        .line(2, 9, "a", "begin", json!({ "span": 1, "doing": "hold-lock", "on": "mutex 1", "at": at(2) }))
        .line(3, 9, "a", "say", json!({ "text": "x", "at": at(3) }))
        .say(4, 9, "by no actor's")
        .read();
    let lane = lane(&run, 9);
    let lines = [&lane.line, &lane.spans[0].line, &lane.marks[0].line, &lane.marks[1].line];
    assert_eq!(lines.map(Option::as_deref), [Some(&*at(1)), Some(&*at(2)), Some(&*at(3)), None]);
}

#[test]
fn a_lock_goes_from_who_held_it_to_who_holds_it_next() {
    let run = everything("en");
    let scene = only_scene(&run);
    let told: Vec<_> = scene
        .handovers
        .iter()
        .map(|over| {
            (over.on.as_str(), scene.lanes[over.from].pid, over.left / MS, scene.lanes[over.to].pid, over.got / MS)
        })
        .collect();
    assert_eq!(told, [("queue 1", 13, 500, 14, 510), ("tickets.json.lock", 11, 600, 12, 600)]);
}

#[test]
fn no_lock_goes_to_its_own_holder_to_another_lock_or_back_in_time() {
    let run = Script::new("en")
        .begin(10, 8, 1, "hold-lock", "a")
        .end(20, 8, 1)
        .begin(30, 8, 2, "hold-lock", "a")
        .begin(35, 9, 1, "hold-lock", "a")
        .end(40, 8, 2)
        .end(40, 9, 1)
        .begin(50, 8, 3, "hold-lock", "b")
        .end(60, 8, 3)
        .read();
    assert_eq!(only_scene(&run).handovers, []);
}

#[test]
fn a_delivery_comes_from_who_put_it_when_the_journal_says_who() {
    let keys = json!({ "span": 1, "doing": "work", "on": "queue 1", "from_pid": 8, "from_tid": 8, "from_t": 15 * MS });
    let run = Script::new("en")
        .born(0, 8, "cook")
        .born(0, 9, "eater")
        .say(10, 8, "cooked")
        .line(40, 9, "eater", "begin", keys);
    let run = run.read();
    let [over] = &only_scene(&run).handovers[..] else { panic!("one hand-over: {run:?}") };
    assert_eq!((over.from, over.left / MS, over.to, over.got / MS), (1, 15, 2, 40));
}

#[test]
fn torn_foreign_and_incomplete_lines_are_skipped_and_counted() {
    let run = Script::new("en")
        .torn()
        .line(1, 1, "main", "of a later version", json!({}))
        .line(2, 1, "main", "begin", json!({ "span": 1, "doing": "wait-godot", "on": "a" }))
        .line(3, 1, "main", "begin", json!({ "doing": "work" }))
        .end(4, 1, 77)
        .ended(5, 4711, "code 0")
        .line(6, 1, "main", "pause", json!({}))
        .say(7, 1, "still here")
        .torn()
        .read();
    assert_eq!(run.skipped, 8);
    assert_eq!(lane(&run, 1).marks.len(), 1);
    assert_eq!(lane(&run, 1).spans, []);
}

#[test]
fn an_id_that_the_system_gives_again_is_another_actor() {
    let run = Script::new("en")
        .born(10, 9, "first")
        .ended(20, 9, "signal SIGKILL")
        .born(30, 9, "second")
        .say(35, 9, "I am new")
        .ended(40, 9, "code 0")
        .read();
    let told: Vec<_> = only_scene(&run).lanes[1..].iter().map(|lane| (lane.name.as_str(), lane.marks.len())).collect();
    assert_eq!(told, [("first", 0), ("second", 1)]);
}

#[test]
fn a_thread_with_the_ids_of_an_ended_one_is_another_actor() {
    let thread = |name: &str, more: serde_json::Value| {
        let mut keys = json!({ "child": name, "child_pid": 1, "child_tid": 9, "parent": 1, "tid": 9 });
        keys.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        keys
    };
    let run = Script::new("en")
        .line(10, 1, "first", "born", thread("first", json!({})))
        .line(20, 1, "first", "ended", thread("first", json!({ "exit": "returned" })))
        .line(30, 1, "main", "scene", json!({ "text": "free" }))
        .line(40, 1, "second", "born", thread("second", json!({})))
        .line(50, 1, "second", "ended", thread("second", json!({ "exit": "returned" })))
        .say(90, 1, "the end")
        .read();
    let told = run.scenes.iter().map(|scene| {
        scene.lanes[1..].iter().map(|lane| (lane.name.as_str(), lane.born / MS, lane.ended / MS)).collect::<Vec<_>>()
    });
    assert_eq!(told.collect::<Vec<_>>(), [vec![("first", 10, 20)], vec![("second", 40, 50)]]);
}

#[test]
fn a_process_that_was_started_without_the_journal_is_no_zombie_at_its_end() {
    let exits = |code: &str| json!({ "what": "exits", "on": "", "exit": code });
    let run = Script::new("en")
        .born(5, 8, "known")
        .line(10, 8, "known", "mark", exits("code 0"))
        .line(20, 9, "unknown", "mark", exits("code 7"))
        .say(90, 1, "the end")
        .read();
    let told = |pid| (lane(&run, pid).exits.map(|time| time / MS), lane(&run, pid).ended / MS, lane(&run, pid).death());
    assert_eq!((told(8), told(9)), ((Some(10), 90, None), (Some(20), 20, Some("code 7"))));
}

#[test]
fn with_a_process_its_threads_end() {
    let thread = json!({ "child": "thread", "child_pid": 9, "child_tid": 10, "parent": 9, "tid": 10 });
    let run = Script::new("en")
        .born(0, 9, "process")
        .line(5, 9, "thread", "born", thread)
        .line(6, 9, "thread", "begin", json!({ "tid": 10, "span": 1, "doing": "wait-event", "on": "event 1" }))
        .ended(30, 9, "signal SIGKILL")
        .say(90, 1, "end")
        .read();
    let lanes = &only_scene(&run).lanes;
    let told: Vec<_> = lanes.iter().map(|lane| (lane.name.as_str(), lane.tid, lane.ended / MS)).collect();
    assert_eq!(told, [("main", 1, 90), ("process", 9, 30), ("thread", 10, 30)]);
    assert!(lanes[2].spans[0].cut);
}

#[test]
fn a_scene_has_the_lanes_of_those_who_took_part_in_it() {
    let run = Script::new("zh")
        .born(10, 9, "a")
        .ended(20, 9, "code 0")
        .born(25, 10, "b")
        .line(30, 1, "主进程", "scene", json!({ "text": "second" }))
        .pause(35, 10, 10)
        .ended(60, 10, "code 0")
        .born(70, 11, "c")
        .line(80, 1, "主进程", "claim", json!({}))
        .read();
    let told: Vec<_> = run
        .scenes
        .iter()
        .map(|scene| {
            let names: Vec<_> = scene.lanes.iter().map(|lane| lane.name.as_str()).collect();
            (scene.name.as_str(), scene.from / MS, scene.until / MS, names)
        })
        .collect();
    assert_eq!(told, [("locked", 0, 30, vec!["主进程", "a", "b"]), ("second", 30, 80, vec!["主进程", "b", "c"])]);
    assert_eq!(run.scenes[0].lanes[2].exit, None);
    assert_eq!(spans(&run.scenes[1].lanes[1]), [(35, 45, 0)]);
}

#[test]
fn lines_may_stand_in_any_order() {
    let in_order = Script::new("en").born(5, 9, "a").say(10, 9, "x").read();
    let mixed = Script::new("en").say(10, 9, "x").born(5, 9, "a").read();
    assert_eq!(in_order, mixed);
}

#[test]
fn an_empty_journal_and_one_without_scenes_are_runs_too() {
    let empty = crate::lanes::read_lines(b"");
    assert_eq!((only_scene(&empty).lanes.len(), empty.skipped), (0, 0));
    let answer = br#"{"t": 3, "pid": 1, "tid": 1, "actor": "main", "kind": "say", "text": "5 tickets left"}"#;
    let run = crate::lanes::read_lines(answer);
    assert_eq!(only_scene(&run).lanes[0].marks[0].what, What::Said);
}

#[test]
fn a_picture_without_room_for_all_shows_the_first_and_the_notable() {
    let mut script = Script::new("en");
    for pid in 10..60 {
        script = script.born(1, pid, "worker");
    }
    let run = script.ended(5, 59, "signal SIGKILL").read();
    let (chosen, hidden) = only_scene(&run).most_telling(4);
    assert_eq!((chosen, hidden), (vec![0, 1, 2, 50], 47));
}
