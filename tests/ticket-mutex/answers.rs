//! A ticket whose buyer cannot learn of it is not sold.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Stdio;

use support::Signal;
use support::forking::wait_until;

use crate::Tickets;

const FORMATS: [&str; 3] = ["text", "json", "jsonl"];

fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").expect("/dev/full").into()
}

#[test]
fn a_full_output_gets_no_ticket() {
    for format in FORMATS {
        let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
        let run = tickets.program().args(["buy", "--user", "Ann", "--format", format]).start_with_output(full()).wait();
        run.expect_error(3, "cannot write to standard output: no space left on device");
        assert_eq!(tickets.left(), 5, "{format}");
    }
}

#[test]
fn an_output_without_a_reader_gets_no_ticket() {
    for format in FORMATS {
        let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
        let run = tickets.program().args(["buy", "--user", "Ann", "--format", format]).run_unread();
        assert_eq!((run.code(), run.stderr().as_str()), (Some(141), ""), "{format}");
        assert_eq!(tickets.left(), 5, "{format}");
    }
}

#[test]
fn the_ticket_of_a_full_output_can_be_bought_by_another() {
    let tickets = Tickets::with(r#"{"tickets_num": 1}"#);
    let buy = tickets.program().args(["buy", "--user", "Ann"]);
    assert_eq!(buy.start_with_output(full()).wait().code(), Some(3));
    assert_eq!(buy.run().expect_code(0).stdout(), "user Ann bought ticket 1\n");
    buy.start_with_output(full()).wait().expect_error(3, "no space left on device");
    assert_eq!(tickets.left(), 0, "none was sold, so none goes back");
}

#[test]
fn a_query_and_a_restock_that_cannot_be_answered_say_so() {
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    for arguments in [vec!["query"], vec!["restock", "7"]] {
        tickets.program().args(arguments).start_with_output(full()).wait().expect_error(3, "no space left on device");
    }
    assert_eq!(tickets.left(), 7, "a restock can be repeated");
}

#[test]
fn a_buyer_whose_reader_leaves_while_its_answer_waits_gets_no_ticket() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut filled = 0;
    let filling =
        OpenOptions::new().write(true).custom_flags(0o4000).open(format!("/proc/self/fd/{}", writer.as_raw_fd()));
    let mut filling = filling.expect("the pipe");
    while let Ok(written) = filling.write(&[b'.'; 4096]) {
        filled += written;
    }
    assert!(filled > 0);
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    let run = tickets.program().args(["buy", "--user", "Ann"]).start_with_output(Stdio::from(writer));
    let stat = format!("/proc/{}/stat", run.pid());
    let sleeps = || std::fs::read_to_string(&stat).is_ok_and(|stat| stat.contains(") S "));
    wait_until("the sale, and a write that waits", || tickets.left() == 4 && sleeps());
    // The request to end does not keep the ticket from being given back.
    run.signal(Signal::SIGTERM);
    drop(reader);
    let code = run.wait().code();
    assert!(matches!(code, Some(141 | 143)), "{code:?}");
    assert_eq!(tickets.left(), 5);
}
