//! What the toolkit says, in Chinese: it knows no language, and its errors have English words as data.

use killproof::error::Phrase;

use crate::lang::Lang;
use crate::words::{Arg, Text};

use super::system;

/// A phrase of the toolkit in each language.
#[must_use]
pub fn in_words(phrase: &Phrase) -> Text {
    fn render(args: &[Arg], lang: Lang) -> String {
        let Some((Arg::String(words), args)) = args.split_first() else { return String::new() };
        let words = match lang {
            Lang::En => words,
            Lang::Zh => chinese(words).unwrap_or(words),
        };
        let args = args.iter().enumerate();
        args.fold(numbered(words), |words, (number, arg)| {
            words.replacen(&format!("{{{number}}}"), &arg.in_lang(lang).to_string(), 1)
        })
    }
    match (phrase.words(), phrase.os_error()) {
        (Some(words), _) => {
            let args = phrase.args().iter().map(|arg| in_words(arg).into());
            Text::without_a_key([words.into()].into_iter().chain(args).collect(), render)
        }
        (None, Some(number)) => system::of_number(number),
        (None, None) => Text::verbatim(phrase),
    }
}

/// The words of an operation, such as "write to", in the language.
pub(super) fn operation(english: &'static str, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english,
        Lang::Zh => OPERATIONS.iter().find(|(known, _)| *known == english).map_or(english, |(_, chinese)| chinese),
    }
}

/// The places of the arguments with their numbers, for Chinese may want them in another order.
fn numbered(words: &str) -> String {
    let mut parts = words.split("{}");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.enumerate().fold(first, |words, (number, part)| format!("{words}{{{number}}}{part}"))
}

fn chinese(english: &str) -> Option<&'static str> {
    PHRASES.iter().find(|(known, _)| *known == english).map(|(_, chinese)| *chinese)
}

/// What the toolkit and its users try, as verbs.
const OPERATIONS: &[(&str, &str)] = &[
    ("accept", "接受"),
    ("add permits", "增加许可"),
    ("adopt", "收养"),
    ("append to", "追加到"),
    ("append to a log", "追加到日志"),
    ("catch", "捕获"),
    ("connect to", "连接"),
    ("create", "创建"),
    ("die with", "绑定到"),
    ("die with the parent", "随父进程结束"),
    ("drive a load", "施加负载"),
    ("end a queue", "结束队列"),
    ("execute", "执行"),
    ("find", "找到"),
    ("find host", "找到主机"),
    ("get from a queue", "从队列取出"),
    ("go on", "继续"),
    ("hold", "持有"),
    ("ignore", "忽略"),
    ("install", "安装"),
    ("install an observer", "安装观察者"),
    ("join", "join"),
    ("join a queue", "join 队列"),
    ("keep a journal", "记录日志"),
    ("keep a pool", "维持进程池"),
    ("listen on", "监听"),
    ("lock", "锁住"),
    ("lock a mutex", "锁住互斥锁"),
    ("lock std's mutex", "锁住标准库的互斥锁"),
    ("look at", "查看"),
    ("make", "创建"),
    ("make a barrier", "创建屏障"),
    ("make a pool", "创建进程池"),
    ("make a queue", "创建队列"),
    ("measure", "测量"),
    ("open", "打开"),
    ("put into", "放入"),
    ("put into a queue", "放入队列"),
    ("raise", "提高"),
    ("reach", "连接"),
    ("read", "读取"),
    ("read a message", "读取消息"),
    ("read from", "读取"),
    ("redirect", "重定向"),
    ("remove", "删除"),
    ("run", "运行"),
    ("run tasks", "运行任务"),
    ("send", "发送"),
    ("serve", "服务"),
    ("serve a client", "服务客户端"),
    ("set up", "设置"),
    ("share", "共享"),
    ("signal", "发信号给"),
    ("start", "启动"),
    ("unlock", "解锁"),
    ("use", "使用"),
    ("use a pool", "使用进程池"),
    ("use ipc-channel", "使用 ipc-channel"),
    ("wait at a barrier", "在屏障处等待"),
    ("wait for", "等待"),
    ("wait for a task", "等待任务"),
    ("write", "写入"),
    ("write to", "写入"),
    ("write to the journal", "写入运行记录"),
];

/// Its other words, with a place for each argument.
const PHRASES: &[(&str, &str)] = &[
    // objects
    ("a barrier", "屏障"),
    ("a condition variable", "条件变量"),
    ("a log", "日志"),
    ("a mutex", "互斥锁"),
    ("a permit", "许可"),
    ("a permit of a semaphore", "信号量的许可"),
    ("a pool of {} worker", "有 {0} 个工作进程的进程池"),
    ("a pool of {} workers", "有 {0} 个工作进程的进程池"),
    ("a process", "进程"),
    ("a queue of {} message", "容量为 {0} 的队列"),
    ("a queue of {} messages", "容量为 {0} 的队列"),
    ("a read-write lock", "读写锁"),
    ("a semaphore", "信号量"),
    ("a thread", "线程"),
    ("a vector of length {}", "长度为 {0} 的共享数组"),
    ("a value", "共享值"),
    ("all parties of a barrier", "屏障的所有参与者"),
    ("an event to be set", "事件发生"),
    ("an observer", "观察者"),
    ("events", "事件"),
    ("input", "输入"),
    ("orphaned processes", "孤儿进程"),
    ("output", "输出"),
    ("signals", "信号"),
    ("standard output", "标准输出"),
    ("the children of this process in /proc", "/proc 中本进程的子进程"),
    ("the consumers of a queue", "队列的消费者登记表"),
    ("the journal", "运行记录"),
    ("the limit of open files", "打开文件数的上限"),
    ("the parent", "父进程的生死"),
    ("{} as user {}", "以用户 {1} 的身份运行的 {0}"),
    ("{} connection, only {}", "{0} 个连接,只有 {1} 个"),
    ("{} connections, only {}", "{0} 个连接,只有 {1} 个"),
    ("{} {}", "{0} 个{1}"),
    ("buyer", "用户"),
    ("buyers", "用户"),
    ("process", "进程"),
    ("processes", "进程"),
    ("thread", "线程"),
    ("threads", "线程"),
    ("worker", "工作进程"),
    ("workers", "工作进程"),
    // limits
    ("the limit of open files is {}", "打开文件数的上限是 {0}"),
    ("the limit of processes of this user is {}", "此用户的进程数上限是 {0}"),
    ("the limit of this process's address space is {} KiB", "本进程地址空间的上限是 {0} KiB"),
    (
        "{} connection is more than the limit of {} open files allows, which is {}; `ulimit -n` shows and sets it",
        "{0} 个连接太多:打开文件数的上限是 {1},最多 {2} 个;用 `ulimit -n` 查看和设置",
    ),
    (
        "{} connections are more than the limit of {} open files allows, which is {}; `ulimit -n` shows and sets it",
        "{0} 个连接太多:打开文件数的上限是 {1},最多 {2} 个;用 `ulimit -n` 查看和设置",
    ),
    ("they need {} of {}, which is {}", "需要 {0},而 {1} 是 {2}"),
    // queues
    ("a message cannot be read: {}", "消息无法读取:{0}"),
    ("a message of {} byte is above the queue's limit of {}", "消息有 {0} 字节,超过队列的上限 {1} 字节"),
    ("a message of {} bytes is above the queue's limit of {}", "消息有 {0} 字节,超过队列的上限 {1} 字节"),
    ("a process keeps the queue's lock, and may be stopped", "有进程一直持有队列的锁,可能已被暂停"),
    ("it has {} living consumers", "它已有 {0} 个活着的消费者"),
    ("its capacity is 0, and must be at least 1", "容量是 0,至少要是 1"),
    ("its max_deaths is 0, and must be at least 1", "max_deaths 是 0,至少要是 1"),
    ("no consumer holds one", "没有消费者持有它们"),
    ("nothing came in time", "没有按时等到"),
    ("process {} holds one since {} s", "进程 {0} 持有一个已 {1} 秒"),
    ("process {} keeps the queue's lock, and may be stopped", "进程 {0} 一直持有队列的锁,可能已被暂停"),
    ("the queue is closed and empty", "队列已关闭并已取空"),
    ("the queue is closed", "队列已关闭"),
    ("the queue is empty", "队列是空的"),
    ("the queue is full of dead letters", "队列里全是死信"),
    ("the queue is full", "队列已满"),
    (
        "the queue is full, {} value is not done, and every consumer is dead",
        "队列已满,有 {0} 个值没有完成,而消费者都已死亡",
    ),
    (
        "the queue is full, {} values are not done, and every consumer is dead",
        "队列已满,有 {0} 个值没有完成,而消费者都已死亡",
    ),
    ("the queue stayed full", "队列一直是满的"),
    ("the value cannot be serialised: {}", "值无法序列化:{0}"),
    ("this process cannot hold a delivery: {}", "本进程无法持有投递:{0}"),
    ("{} message of {} bytes is too much", "{0} 条 {1} 字节的消息太多了"),
    ("{} messages of {} bytes are too many", "{0} 条 {1} 字节的消息太多了"),
    ("{} value is not done, and every consumer is dead", "有 {0} 个值没有完成,而消费者都已死亡"),
    ("{} values are not done, and every consumer is dead", "有 {0} 个值没有完成,而消费者都已死亡"),
    ("{} value is not done; {}", "有 {0} 个值没有完成;{1}"),
    ("{} values are not done; {}", "有 {0} 个值没有完成;{1}"),
    ("{}, and {} more is held", "{0},还有 {1} 个被持有"),
    ("{}, and {} more are held", "{0},还有 {1} 个被持有"),
    ("{}, {}", "{0},{1}"),
    // mutexes
    ("it has another holder", "它有另一个持有者"),
    ("it was not free in time", "它没有按时空闲"),
    (
        "its last holder, {} (pid {}), died inside; it came in {} s ago",
        "上一个持有者 {0}(pid {1})死在锁内;它在 {2} 秒前进入",
    ),
    (
        "its last holder, {} (pid {}), panicked inside; it came in {} s ago",
        "上一个持有者 {0}(pid {1})在锁内 panic;它在 {2} 秒前进入",
    ),
    ("this thread holds it already", "本线程已经持有它"),
    (
        "this thread holds as many mutexes as it may ({}), and a death would leave one more locked for ever",
        "本线程已经持有 {0} 个互斥锁,再多一个,死亡后就会永远锁住",
    ),
    // barriers and semaphores
    ("it is broken", "它已被破坏"),
    ("its parties are more than {}", "参与者超过了 {0} 个"),
    ("its permits would be more than {}, held ones included", "许可会超过 {0} 个,被持有的也算在内"),
    ("{} living processes use it", "已有 {0} 个活着的进程在用它"),
    // pools
    ("it has no workers", "没有工作进程"),
    ("it is a task of another pool", "它是另一个进程池的任务"),
    ("it is another process's: make one after the fork", "它属于另一个进程:请在 fork 之后创建"),
    ("it may pull no task ahead", "不允许预取任务"),
    ("its deaths are not between 1 and 64", "deaths 不在 1 到 64 之间"),
    ("its messages have no bytes", "消息大小是 0 字节"),
    ("its result was taken before", "它的结果已被取走"),
    ("its time-out is 0", "超时是 0"),
    ("its workers may run no task", "工作进程不允许运行任务"),
    ("there is none", "一个也没有"),
    // loads
    ("no answer within {} s", "{0} 秒内没有回答"),
    ("the server accepts no more", "服务器不再接受连接"),
    // the rest
    ("a record of {} byte is above the limit of {}", "记录有 {0} 字节,超过上限 {1} 字节"),
    ("a record of {} bytes is above the limit of {}", "记录有 {0} 字节,超过上限 {1} 字节"),
    ("interrupted by {}", "被 {0} 打断"),
    ("it is that of another pid namespace", "它属于另一个 pid 命名空间"),
    (
        "its children are in a pid namespace of their own; `unshare --fork` starts it inside",
        "它的子进程在另一个 pid 命名空间里;`unshare --fork` 会在里面启动它",
    ),
    ("the log has its last record", "日志已有最后一条记录"),
    ("the log is full", "日志已满"),
    ("the program has another observer", "程序已有另一个观察者"),
    ("the program has one already", "程序已有一个"),
    ("this process was not started with die_with_parent", "本进程启动时没有要求随父进程结束"),
];
