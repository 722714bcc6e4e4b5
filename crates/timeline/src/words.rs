//! What spans, states and marks are called, in each language. A new language is a new arm of each
//! `match lang`, and a new kind is a new arm of each list: the compiler names what is missing.

use std::borrow::Cow;

use journal::{Doing, Lang, Mark};

use crate::lanes::{Crowd, State, What};

/// What the journal calls `mutex 1`, in words: an object of the toolkit is named by its kind and its place in the run.
#[must_use]
pub fn object(on: &str, lang: Lang) -> Cow<'_, str> {
    let kind = on.split_once(' ').and_then(|(kind, place)| {
        let is_place = !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_digit());
        let kind = match (lang, kind) {
            (Lang::Zh, "mutex") => "互斥锁",
            (Lang::Zh, "queue") => "队列",
            (Lang::Zh, "event") => "事件",
            (Lang::Zh, "barrier") => "屏障",
            (Lang::Zh, "semaphore") => "信号量",
            (Lang::Zh, "condvar") => "条件变量",
            (Lang::Zh, "rwlock") => "读写锁",
            _ => return None,
        };
        is_place.then(|| format!("{kind} {place}"))
    });
    kind.map_or(Cow::Borrowed(on), Cow::Owned)
}

/// What a crowd is called, with how many lanes it has.
#[must_use]
pub fn crowd(crowd: &Crowd, lang: Lang) -> String {
    // One sentence for every name, of which the plural is not known.
    match lang {
        Lang::En | Lang::Zh => format!("{} ×{}", crowd.name, crowd.lanes.len()),
    }
}

/// How many of a crowd there are at one moment.
#[must_use]
pub fn at_once(most: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("at most {most} at once"),
        Lang::Zh => format!("同时最多 {most} 个"),
    }
}

/// That a picture has no room for these.
pub(crate) fn more_lanes(hidden: usize, lang: Lang) -> String {
    match lang {
        Lang::En if hidden == 1 => "1 more lane is not shown; --trace FILE has all".to_owned(),
        Lang::En => format!("{hidden} more lanes are not shown; --trace FILE has all"),
        Lang::Zh => format!("另有 {hidden} 条泳道没有画出;--trace 文件 里有全部"),
    }
}

/// How a span ended that did not end as usual.
#[must_use]
pub fn how(how: &str, lang: Lang) -> &str {
    match (lang, how) {
        (Lang::Zh, "timed out") => "超时",
        (Lang::Zh, "interrupted") => "被中断",
        (Lang::Zh, "panicked") => "panic",
        (Lang::Zh, "returned") => "已退回",
        _ => how,
    }
}

/// How an actor died: `SIGKILL`, `code 3`.
pub(crate) fn death(death: &str, lang: Lang) -> Cow<'_, str> {
    match (lang, death.strip_prefix("code ")) {
        (Lang::Zh, Some(code)) => Cow::Owned(format!("代码 {code}")),
        _ => Cow::Borrowed(death),
    }
}

/// What an actor does, in words that go before what it is done on.
#[must_use]
pub fn doing(doing: Doing, lang: Lang) -> &'static str {
    match lang {
        Lang::En => match doing {
            Doing::Pause => "sleeps",
            Doing::WaitLock | Doing::WaitEvent | Doing::WaitIo => "waits for",
            Doing::HoldLock => "holds",
            Doing::WaitPermit => "waits for a permit of",
            Doing::HoldPermit => "holds a permit of",
            Doing::WaitNotify => "waits to be notified by",
            Doing::WaitPut => "waits to put into",
            Doing::WaitGet => "waits to get from",
            Doing::WaitJoin => "waits until done:",
            Doing::Work => "works on",
            Doing::WaitBarrier => "waits at",
            Doing::WaitChild => "waits for child",
            Doing::WaitThread => "waits for the end of",
            Doing::WaitDisk => "waits for the disk:",
            Doing::HeldBack => "is held back",
            Doing::Connection => "serves",
        },
        Lang::Zh => match doing {
            Doing::Pause => "睡眠",
            Doing::WaitLock | Doing::WaitEvent | Doing::WaitBarrier | Doing::WaitIo => "等待",
            Doing::HoldLock => "持有",
            Doing::WaitPermit => "等待许可:",
            Doing::HoldPermit => "持有许可:",
            Doing::WaitNotify => "等待通知:",
            Doing::WaitPut => "等待放入",
            Doing::WaitGet => "等待取自",
            Doing::WaitJoin => "等待完成",
            Doing::WaitChild => "等待子进程结束",
            Doing::WaitThread => "等待线程结束",
            Doing::WaitDisk => "等待写入磁盘",
            Doing::Work => "处理",
            Doing::HeldBack => "被演示拦住",
            Doing::Connection => "服务",
        },
    }
}

/// A state, in one word or two: for a legend.
#[must_use]
pub fn state(state: State, lang: Lang) -> &'static str {
    match lang {
        Lang::En => match state {
            State::Running => "running",
            State::Sleeping => "sleeping",
            State::Waiting => "waiting",
            State::Joining => "in a join",
            State::Holding => "holding a lock",
            State::HoldingAsleep => "asleep with the lock",
            State::Working => "working",
            State::WorkingAsleep => "working, asleep",
            State::Zombie => "zombie, not reaped",
        },
        Lang::Zh => match state {
            State::Running => "运行",
            State::Sleeping => "睡眠",
            State::Waiting => "等待",
            State::Joining => "等待子进程或线程结束",
            State::Holding => "持锁",
            State::HoldingAsleep => "持锁睡眠",
            State::Working => "处理",
            State::WorkingAsleep => "处理中睡眠",
            State::Zombie => "僵尸,尚未回收",
        },
    }
}

/// A mark, in one word or two.
#[must_use]
pub fn mark(mark: Mark, lang: Lang) -> &'static str {
    match lang {
        Lang::En => match mark {
            Mark::HandedOver => "handed over",
            Mark::Redelivered => "redelivered",
            Mark::DeadLetter => "dead letter",
            Mark::OwnerDied => "last owner died",
            Mark::Exits => "exits",
            Mark::Accepted => "accepted",
            Mark::Closed => "closed",
            Mark::Read => "reads",
            Mark::Write => "writes",
            Mark::Scaffold => "serves the demonstration",
            Mark::RecordFull => "record full",
        },
        Lang::Zh => match mark {
            Mark::HandedOver => "交接",
            Mark::Redelivered => "重新投递",
            Mark::DeadLetter => "死信",
            Mark::OwnerDied => "前持有者已死",
            Mark::Exits => "退出",
            Mark::Accepted => "接受连接",
            Mark::Closed => "关闭连接",
            Mark::Read => "读",
            Mark::Write => "写",
            Mark::Scaffold => "只为演示服务",
            Mark::RecordFull => "记录已满",
        },
    }
}

/// What is marked, before what it is marked on: the journal's own word in English.
#[must_use]
pub fn marked(what: &What, lang: Lang) -> &str {
    match (lang, what) {
        (Lang::Zh, What::Marked(marked)) => mark(*marked, lang),
        (_, what) => what.name(),
    }
}

/// An actor's death, for an instant of a trace.
pub(crate) fn dies(how: &str, lang: Lang) -> String {
    let how = death(how, lang);
    match lang {
        Lang::En => format!("dies: {how}"),
        Lang::Zh => format!("死亡:{how}"),
    }
}

/// What a picture shows besides spans, states and marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The actor says something.
    Says,
    /// The actor begins.
    Begins,
    /// The actor ends.
    Ends,
    /// The actor dies.
    Dies,
    /// The actor gets something that another one had.
    Gets,
    /// An actor hands something over to another one.
    HandsOver,
    /// A mark that has no sign of its own.
    Mark,
}

/// A sign, in one word or two.
#[must_use]
pub fn sign(sign: Sign, lang: Lang) -> &'static str {
    match lang {
        Lang::En => match sign {
            Sign::Says => "says",
            Sign::Begins => "begins",
            Sign::Ends => "ends",
            Sign::Dies => "dies",
            Sign::Gets => "gets it from another",
            Sign::HandsOver => "hands over",
            Sign::Mark => "mark",
        },
        Lang::Zh => match sign {
            Sign::Says => "说话",
            Sign::Begins => "开始",
            Sign::Ends => "结束",
            Sign::Dies => "死亡",
            Sign::Gets => "从别人手中接过",
            Sign::HandsOver => "交接",
            Sign::Mark => "标记",
        },
    }
}
