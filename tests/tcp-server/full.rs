//! A client that sends and does not read, until the buffers of both directions are full.

use std::fs;
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use common::socket::unacknowledged;

use crate::PATIENCE;

/// Waits until a condition holds that the system brings about in its own time.
#[track_caller]
pub(crate) fn until(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "the condition never holds");
        thread::park_timeout(Duration::from_millis(2));
    }
}

/// The bytes that the program on `port` has not read yet, as the kernel counts them.
pub(crate) fn waiting_bytes(port: u16) -> u64 {
    let table = fs::read_to_string("/proc/net/tcp").expect("the kernel's connections");
    let rows = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    // Columns: number, local address, remote address, state (01 is a connection), bytes out:in.
    let ours = rows.filter(|row| row[1].ends_with(&format!(":{port:04X}")) && row[3] == "01");
    ours.filter_map(|row| u64::from_str_radix(row[4].split(':').nth(1)?, 16).ok()).sum()
}

/// Sends `message`, or as much of it as the server takes while the client does not read. Returns how much
/// that was. If it is not all, the server waits for room in its socket.
pub(crate) fn fill(mut stream: &TcpStream, message: &[u8]) -> usize {
    let (mut sent, mut calm, mut seen) = (0, 0, 0);
    stream.set_nonblocking(true).expect("an open connection");
    until(|| {
        loop {
            match stream.write(&message[sent..]) {
                Ok(0) => break,
                Ok(more) => (sent, calm) = (sent + more, 0),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        let waiting = unacknowledged(stream).expect("an open connection");
        calm = if waiting > 0 && waiting == seen { calm + 1 } else { 0 };
        seen = waiting;
        sent == message.len() || calm > 50
    });
    stream.set_nonblocking(false).expect("an open connection");
    sent
}

/// The resident memory of a process in KiB: `VmRSS` of proc(5).
pub(crate) fn resident(pid: impl std::fmt::Display) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a running program");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number of KiB")
}
