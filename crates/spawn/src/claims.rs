//! What each scene must show, and where the answer is: in what the scene returned, or in its record.

use common::claims::{Claims, Record};
use common::endings;
use common::process::Exit;
use common::procfs::Status;
use common::report::Is;

use crate::words;

/// Of the child's end.
pub(crate) fn function() -> Claims<Exit> {
    Claims::<Exit>::new()
        .claim(words::main_goes_on(), Is(true), |_, record| {
            record.said_before(&words::main_line(), &words::task_done(words::speech_name()))
        })
        .claim(words::child_ends_well(), Is(endings::code(0)), |exit, _| endings::of(*exit))
}

/// Of the child's pid.
pub(crate) fn object() -> Claims<i32> {
    let main = std::process::id().cast_signed();
    let began_in = |record: &Record, game: usize| record.said_as("game_begins").nth(game).map(|event| event.pid);
    Claims::<i32>::new()
        .claim(words::run_starts_none(), Is(true), move |_, record| began_in(record, 0) == Some(main))
        .claim(words::start_starts_one(), Is(true), move |child, record| {
            began_in(record, 1) == Some(*child) && *child != main
        })
}

/// Of tasks that had waited for each other.
pub(crate) fn many() -> Claims<()> {
    let (begins, done) = (|i| words::process_begins(words::speech(i)), |i| words::task_done(words::speech(i)));
    let ended_well =
        |i: &u64, record: &Record| record.ended(&words::speech_again(*i)).any(|event| event.exit() == Some("code 0"));
    Claims::<()>::new()
        .claim(words::one_by_one(), Is(true), move |(), record| {
            (1..=2).all(|i| record.said_before(&done(i), &begins(i + 1)))
        })
        .claim(words::together(), Is(3), move |(), record| (1..=3).filter(|i| ended_well(i, record)).count())
}

/// Of what the kernel said of the child.
pub(crate) fn pids() -> Claims<Option<Status>> {
    let main = std::process::id().cast_signed();
    Claims::<Option<Status>>::new()
        .claim(words::own_pid(), Is(true), move |child, _| child.as_ref().is_some_and(|child| child.pid != main))
        .claim(words::main_is_the_parent(), Is(true), move |child, _| {
            child.as_ref().is_some_and(|child| child.parent == main)
        })
}

/// Of three ends: by a code, by a panic, by a signal.
pub(crate) fn exits() -> Claims<[Exit; 3]> {
    Claims::<[Exit; 3]>::new()
        .claim(words::ends_by_code(), Is(endings::code(7)), |exits, _| endings::of(exits[0]))
        .claim(words::ends_by_panic(), Is(endings::code(101)), |exits, _| endings::of(exits[1]))
        .claim(words::ends_by_signal(), Is(endings::signal("SIGKILL")), |exits, _| endings::of(exits[2]))
}
