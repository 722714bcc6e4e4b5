//! A tracer that lets a system call of a program fail, as the debugger that strace(1) is.
//!
//! The kernel stops a process of the program at the calls in question and at no others: a filter (seccomp) that the
//! program has from its start on hands these to the tracer. So the program is nearly as fast as without.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

/// The first argument of the tracer: `--traced-by WHAT NUMBER,NUMBER.. PROGRAM ARGUMENT..`.
pub(crate) const TRACER: &str = "--traced";
/// The first argument of the process that becomes the program.
const STARTER: &str = "--started";
/// Added to the number of the signal that ended the program, it is the tracer's exit code.
pub(crate) const SIGNALLED: i32 = 190;

/// Calls that do what they are for whatever they return.
const DONE_ALL_THE_SAME: [i64; 1] = [libc::SYS_close];

/// The signals that ask a program to end.
const ENDS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// What happens to the calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: their numbers are written to this file, in the order in which they were made.
    Listed(String),
    /// The call at this place, counted from 1 in all processes of the program together, returns `result` and has
    /// no effect; so do all that follow, if `on`. (close(2) has its effect.)
    Refused { place: usize, on: bool, result: i64 },
}

impl Fault {
    pub(crate) fn to_argument(&self) -> String {
        match self {
            Self::Listed(file) => format!("list={file}"),
            Self::Refused { place, on, result } => format!("{}={place}={result}", if *on { "from" } else { "once" }),
        }
    }

    fn of_argument(argument: &str) -> Self {
        let parts: Vec<_> = argument.split('=').collect();
        let number = |text: &str| text.parse::<i64>().expect("a number");
        match parts[..] {
            ["list", file] => Self::Listed(file.to_owned()),
            [how, place, result] => Self::Refused {
                place: usize::try_from(number(place)).expect("a place"),
                on: how == "from",
                result: number(result),
            },
            _ => panic!("no fault: {argument}"),
        }
    }
}

/// If these are the arguments of the tracer or of the starter, is it. Returns its exit code then.
pub(crate) fn run(arguments: &[String]) -> Option<ExitCode> {
    match arguments {
        [_, first, fault, calls, command @ ..] if first == TRACER => {
            Some(trace(&Fault::of_argument(fault), calls, command))
        }
        [_, first, calls, command @ ..] if first == STARTER => Some(become_traced(calls, command)),
        _ => None,
    }
}

/// Has the calls of this process stopped from now on, and becomes the program, once the tracer has closed its
/// standard input. Returns if it cannot.
fn become_traced(calls: &str, command: &[String]) -> ExitCode {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    SigSet::from_iter(ENDS).thread_unblock().expect("a mask");
    let rules: BTreeMap<i64, Vec<_>> = calls.split(',').map(|call| (call.parse().expect("a number"), vec![])).collect();
    let architecture = std::env::consts::ARCH.try_into().expect("an architecture with a filter");
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Trace(0), architecture);
    let filter: BpfProgram = filter.and_then(TryInto::try_into).expect("a filter");
    apply_filter(&filter).expect("a filter that the kernel takes");
    let error = Command::new(&command[0]).args(&command[1..]).exec();
    eprintln!("cannot execute {}: {error}", command[0]);
    ExitCode::from(99)
}

/// Starts the program and traces it and all processes that come from it, until the program has ended.
#[expect(clippy::zombie_processes, reason = "it waits for all processes of the program, by a call of its own")]
fn trace(fault: &Fault, calls: &str, command: &[String]) -> ExitCode {
    // Signals are for the program: one to the whole group, as from a terminal, does not end the tracer.
    SigSet::from_iter(ENDS).thread_block().expect("a mask");
    let mut starter = Command::new(std::env::current_exe().expect("this program"));
    starter.args([STARTER, calls]).args(command).stdin(Stdio::piped());
    let mut program = starter.spawn().expect("a starter");
    let main = Pid::from_raw(program.id().cast_signed());
    let options = Options::PTRACE_O_TRACESECCOMP
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_TRACESYSGOOD;
    ptrace::seize(main, options).expect("leave to trace");
    drop(program.stdin.take());
    let mut list = match fault {
        Fault::Listed(path) => Some(File::create(path).expect("a list")),
        Fault::Refused { .. } => None,
    };
    let (mut began, mut seen) = (false, 0);
    loop {
        match waitpid(None, Some(WaitPidFlag::__WALL)) {
            Ok(WaitStatus::Exited(pid, code)) if pid == main => {
                return ExitCode::from(u8::try_from(code).expect("an exit code"));
            }
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == main => {
                return ExitCode::from(u8::try_from(SIGNALLED + signal as i32).expect("a small number"));
            }
            Ok(WaitStatus::PtraceEvent(pid, _, libc::PTRACE_EVENT_SECCOMP)) if began => {
                let call = call_of(pid);
                if let Some(number) = call {
                    seen += 1;
                    if let Some(list) = &mut list {
                        writeln!(list, "{number}").expect("room for a list");
                    }
                }
                let _ = match (fault, call) {
                    (Fault::Refused { place, on, result }, Some(number)) if seen == *place || *on && seen > *place => {
                        if DONE_ALL_THE_SAME.contains(&number) {
                            ptrace::syscall(pid, None) // to its end
                        } else {
                            refuse(pid, *result);
                            ptrace::cont(pid, None)
                        }
                    }
                    _ => ptrace::cont(pid, None),
                };
            }
            Ok(WaitStatus::PtraceSyscall(pid)) => {
                if let Fault::Refused { result, .. } = fault {
                    answer(pid, *result);
                }
                let _ = ptrace::cont(pid, None);
            }
            Ok(WaitStatus::PtraceEvent(pid, _, event)) => {
                began |= event == libc::PTRACE_EVENT_EXEC && !is_this_program(pid);
                let _ = ptrace::cont(pid, None);
            }
            Ok(WaitStatus::Stopped(pid, signal)) => drop(ptrace::cont(pid, signal)),
            Ok(_) | Err(nix::Error::EINTR | nix::Error::EINVAL) => {}
            Err(error) => panic!("wait: {error}"),
        }
    }
}

/// Whether a process runs this program: the starter does, whose own beginning the tracer may still see.
fn is_this_program(pid: Pid) -> bool {
    let program = |process: &str| fs::read_link(format!("/proc/{process}/exe")).ok();
    program(&pid.to_string()) == program("self")
}

/// The number of the call that a process is stopped at. `None` if it was killed meanwhile, or if the call does not
/// fail: [`crate::faults`] says which do not, and why.
fn call_of(pid: Pid) -> Option<i64> {
    let registers = ptrace::getregs(pid).ok()?;
    let number = registers.orig_rax.cast_signed();
    let file = PathBuf::from(format!("/proc/{pid}/fd/{}", registers.rdi));
    let is_fine = match number {
        libc::SYS_write => fs::read_link(file).is_ok_and(|its| {
            its.as_os_str() == "anon_inode:[eventfd]" || fs::read_link("/proc/self/fd/2").is_ok_and(|ours| its == ours)
        }),
        libc::SYS_close => !is_on_a_disk(&file),
        libc::SYS_fcntl => [libc::F_GETLK, libc::F_OFD_GETLK].map(i64::from).contains(&registers.rsi.cast_signed()),
        // The low bits say what is done: FUTEX_WAIT or FUTEX_WAIT_BITSET.
        libc::SYS_futex => !matches!(registers.rsi & 0x7f, 0 | 9),
        _ => false,
    };
    (!is_fine).then_some(number)
}

/// Whether a descriptor is one of a file that could as well be on a server, or on a disk of a limited share.
fn is_on_a_disk(descriptor: &Path) -> bool {
    let is_elsewhere = |path: &Path| ["/proc", "/sys", "/dev"].iter().any(|folder| path.starts_with(folder));
    fs::read_link(descriptor).is_ok_and(|path| path.is_absolute() && !is_elsewhere(&path))
        && fs::metadata(descriptor).is_ok_and(|file| file.is_file())
}

/// Has the kernel leave out the call that a process is stopped at, and return `result`.
fn refuse(pid: Pid, result: i64) {
    if let Ok(mut registers) = ptrace::getregs(pid) {
        registers.orig_rax = u64::MAX;
        registers.rax = result.cast_unsigned();
        let _ = ptrace::setregs(pid, registers);
    }
}

/// Has a call, which a process is stopped at the end of, return `result`.
fn answer(pid: Pid, result: i64) {
    if let Ok(mut registers) = ptrace::getregs(pid) {
        registers.rax = result.cast_unsigned();
        let _ = ptrace::setregs(pid, registers);
    }
}
