//! What this section says, claims and measures, in each language.

common::words! {
    pub(crate) fn main_line() { en: "main process", zh: "主进程" }
    pub(crate) fn main_line_pid(pid) { en: "main process {pid}", zh: "主进程 {pid}" }

    // function
    pub(crate) fn speech_name() { en: "write a speech", zh: "写讲话稿" }
    pub(crate) fn process_begins(name) { en: "{name}: process begins", zh: "{name}进程开始" }
    pub(crate) fn task_done(name) { en: "{name}: task done", zh: "{name}任务执行完毕" }
    pub(crate) fn forced_until_main_spoke() {
        en: "forced: the task does not end before main has spoken", zh: "强制的顺序:主进程说话之前,任务不会结束"
    }
    pub(crate) fn main_goes_on() { en: "main speaks while its child still works", zh: "子进程还在工作时,主进程已经继续执行" }
    pub(crate) fn child_ends_well() { en: "the child ends with code 0", zh: "子进程以代码 0 结束" }

    // object
    pub(crate) fn game_name() { en: "play a game", zh: "玩原神" }
    pub(crate) fn game_begins(name, pid) { en: "{name}: task begins, in process {pid}", zh: "{name}任务开始,进程 {pid}" }
    pub(crate) fn game_ends() { en: "task done", zh: "任务结束" }
    pub(crate) fn run_starts_none() {
        en: "run() runs in main itself: it starts no process", zh: "run() 就在主进程里执行:没有启动任何进程"
    }
    pub(crate) fn start_starts_one() { en: "start() runs in a process of its own", zh: "start() 在自己的进程里执行" }

    // many
    pub(crate) fn speech(number) { en: "speech {number}", zh: "写演讲稿{number}" }
    pub(crate) fn speech_again(number) { en: "speech {number}'", zh: "写演讲稿{number}'" }
    pub(crate) fn join_in_the_loop() { en: "join inside the loop", zh: "在循环里 join" }
    pub(crate) fn forced_meeting() {
        en: "start all, then join (forced: no task begins before all three processes are there)",
        zh: "全部 start 之后再 join(强制:三个进程都到齐之后,任务才开始)"
    }
    pub(crate) fn one_by_one() {
        en: "join inside the loop, as in the notes: each task begins after the one before has ended",
        zh: "在循环里 join(笔记的写法):前一个任务结束后,下一个才开始"
    }
    pub(crate) fn together() {
        en: "start all, then join: three tasks are at work at the same moment",
        zh: "全部 start 之后再 join:三个任务同时在工作"
    }
    pub(crate) fn in_the_loop() { en: "join in the loop", zh: "循环内 join" }
    pub(crate) fn after_all() { en: "start all, then join", zh: "全部启动后 join" }

    // pids
    pub(crate) fn task_name() { en: "task", zh: "任务" }
    pub(crate) fn at_work(pid) { en: "task {pid} at work", zh: "任务{pid}执行中" }
    pub(crate) fn forced_until_looked_at() {
        en: "forced: the task does not end before main has looked at it", zh: "强制的顺序:查看之前,任务不会结束"
    }
    pub(crate) fn own_pid() { en: "the child has a pid of its own", zh: "子进程有自己的 pid" }
    pub(crate) fn main_is_the_parent() {
        en: "the child's parent is main, as the kernel sees it", zh: "内核记录的父进程就是主进程"
    }

    // exits
    pub(crate) fn returns() { en: "returns", zh: "返回者" }
    pub(crate) fn panics() { en: "panics", zh: "恐慌者" }
    pub(crate) fn waits() { en: "waits", zh: "等待者" }
    pub(crate) fn ends_by_code() {
        en: "a closure that returns 7 ends its process with code 7", zh: "闭包返回 7,进程以代码 7 结束"
    }
    pub(crate) fn ends_by_panic() {
        en: "a panic ends the process with code 101, and only that process",
        zh: "panic 让进程以代码 101 结束,而且只影响它自己"
    }
    pub(crate) fn ends_by_signal() {
        en: "kill() ends a process that would wait for ever", zh: "kill() 能结束永远等待的进程"
    }

    // predict, then run
    pub(crate) fn how_long_do_three_take() {
        en: "Three tasks take 1, 2 and 3 s. How many seconds do they take joined inside the loop, and how many if all are started first?",
        zh: "三个任务各要 1、2、3 秒。在循环里 join 一共要几秒?全部启动之后再 join 呢?"
    }
}
