//! Every section of the notes, in their order: its program, its lesson, the figures that matter.

use std::ffi::OsString;

use common::cli;

/// A section of the notes.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    /// Its program: takes its arguments, the first of which is its name, and returns the exit code.
    pub(crate) main: fn(Vec<OsString>) -> u8,
    /// What a tour tells it besides the options that every section has.
    pub(crate) arguments: &'static [&'static str],
    /// What it teaches, in a line: English, Chinese.
    pub(crate) lesson: [&'static str; 2],
    /// Which of its figures stand in the table.
    pub(crate) figures: &'static [Shown],
}

/// A figure for the table.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) scene: &'static str,
    /// Its name in the section's report.
    pub(crate) name: &'static str,
    /// Its name in the table: English, Chinese.
    pub(crate) label: [&'static str; 2],
}

const fn shown(scene: &'static str, name: &'static str, label: [&'static str; 2]) -> Shown {
    Shown { scene, name, label }
}

/// The two that only make sense together.
pub(crate) const SERVER: &str = "tcp-server";
pub(crate) const CLIENT: &str = "tcp-client";

/// The problem first, then its cure, which also leaves the tickets' file as the notes have it.
const BOTH_SALES: &[&str] = &["--scene", "unlocked", "--scene", "locked"];

/// All of them, in the notes' order.
pub(crate) static SECTIONS: [Section; 11] = [
    Section {
        name: "spawn",
        main: cli::run_with::<spawn::Options>,
        arguments: &[],
        lesson: ["start() starts a process, run() does not", "start() 才会启动进程,run() 不会"],
        figures: &[
            shown("many", "join in the loop", ["joined in the loop", "循环内 join"]),
            shown("many", "start all, then join", ["after all", "全部启动后 join"]),
        ],
    },
    Section {
        name: "zombie",
        main: cli::run_with::<zombie::Options>,
        arguments: &[],
        lesson: ["a zombie keeps its place until it is reaped", "僵尸进程占着进程表,直到被回收"],
        figures: &[shown("zombie", "memory of the zombie", ["memory of a zombie", "僵尸进程的内存"])],
    },
    Section {
        name: "daemon",
        main: cli::run_with::<daemon::Options>,
        arguments: &[],
        lesson: ["a daemon dies with its parent, even a killed one", "守护进程随父进程结束,即使父进程被杀死"],
        figures: &[shown(
            "killed-parent",
            "from kill -9 to the daemon's end",
            ["outlived a kill -9 by", "kill -9 之后还活了"],
        )],
    },
    Section {
        name: "ticket-mutex",
        main: cli::run_with::<ticket_mutex::Options>,
        arguments: BOTH_SALES,
        lesson: ["under a lock no ticket is sold twice", "有锁,就没有一张票会卖两次"],
        figures: &[
            shown("locked", "sold", ["sold", "售出"]),
            shown("locked", "left", ["left", "剩余"]),
            shown("unlocked", "oversold", ["without it oversold by", "无锁超卖"]),
        ],
    },
    Section {
        name: "ipc-queue",
        main: cli::run_with::<ipc_queue::Options>,
        arguments: &[],
        lesson: ["first in, first out; a full queue makes you wait", "先进先出;队列满了就要等待"],
        figures: &[shown("full", "waited", ["waited at a full queue", "队列满时等待了"])],
    },
    Section {
        name: "prod-cons",
        main: cli::run_with::<prod_cons::Options>,
        arguments: &[],
        lesson: ["join waits for all work, even if a worker dies", "join 等到工作全部做完,即使有人中途被杀"],
        figures: &[
            shown("feast", "dishes cooked", ["cooked", "做好"]),
            shown("kill", "served twice", ["served twice", "重新上菜"]),
        ],
    },
    Section {
        name: "threads",
        main: cli::run_with::<threads::Options>,
        arguments: &[],
        lesson: ["threads share memory, processes do not", "线程共享内存,进程不共享"],
        figures: &[
            shown("cost", "start and join a thread", ["thread", "线程"]),
            shown("cost", "start and join a process", ["process", "进程"]),
        ],
    },
    Section {
        name: SERVER,
        main: cli::run_with::<tcp_server::Options>,
        arguments: &[],
        lesson: ["a thread each, so no client waits for another", "每个连接一个线程,客户端互不等待"],
        figures: &[
            shown("serve", "bytes in", ["received", "收到"]),
            shown("serve", "bytes out", ["sent back", "发回"]),
        ],
    },
    Section {
        name: CLIENT,
        main: cli::run_with::<tcp_client::Options>,
        arguments: &[],
        lesson: ["a stream has no messages: read until all is there", "字节流没有消息边界:读到收齐为止"],
        figures: &[shown("talk", "round trip, median", ["median round trip", "往返时间中位数"])],
    },
    Section {
        name: "race",
        main: cli::run_with::<race::Options>,
        arguments: &[],
        lesson: ["read and write as one step, or updates are lost", "读和写必须是一步,否则会丢失更新"],
        figures: &[
            shown("mutex", "left", ["left with a lock", "有锁剩余"]),
            shown("unlocked-slow", "left when forced", ["without", "无锁剩余"]),
        ],
    },
    Section {
        name: "cpu-io",
        main: cli::run_with::<cpu_io::Options>,
        arguments: &[],
        lesson: ["computing needs cores, waiting needs none", "计算需要多核,等待不需要"],
        figures: &[
            shown("cpu", "Rust threads, speed-up", ["threads: computing", "多线程:计算"]),
            shown("io", "Rust threads, speed-up", ["waiting", "等待"]),
        ],
    },
];

/// The section of this name.
pub(crate) fn find(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.name == name)
}

/// Their names, as a sentence has them.
pub(crate) fn names() -> String {
    SECTIONS.each_ref().map(|section| section.name).join(", ")
}
