//! What this section says, claims and measures, in each language.

common::words! {
    pub(crate) fn key_is_missing(key) { en: "{key} is missing", zh: "缺少 {key}" }
    pub(crate) fn wukong() { en: "Wukong", zh: "悟空" }
    pub(crate) fn thread() { en: "thread", zh: "线程" }
    pub(crate) fn process() { en: "process", zh: "进程" }
    pub(crate) fn process_of_the_crowd(number) { en: "process {number}", zh: "进程 {number}" }
    pub(crate) fn main_line() { en: "main thread", zh: "主线程" }
    pub(crate) fn task_begins(name) { en: "{name}: task begins", zh: "{name} 任务开始" }
    pub(crate) fn task_done(name) { en: "{name}: task done", zh: "{name} 任务结束" }

    // function
    pub(crate) fn thread_is_in_main() { en: "as a thread the task works inside main's process", zh: "线程就在主进程里工作" }
    pub(crate) fn process_is_not() { en: "as a process it works in a process of its own", zh: "进程在自己的进程里工作" }
    pub(crate) fn main_goes_on() {
        en: "main goes on while the thread works, and while the process works",
        zh: "线程工作时主线程继续执行,进程工作时也一样"
    }

    // object
    pub(crate) fn called() { en: "run() called by main: main's own thread does the work", zh: "主线程直接调用 run():由主线程自己执行" }
    pub(crate) fn as_thread() { en: "as a thread: in main's process, but beside main's thread", zh: "作为线程:在主进程里,但有自己的线程" }
    pub(crate) fn as_process() { en: "as a process: in a process of its own", zh: "作为进程:在自己的进程里" }
    pub(crate) fn mains_thread(pid) { en: "pid {pid}, tid {pid}", zh: "pid {pid}, tid {pid}" }
    pub(crate) fn own_thread() { en: "main's pid, a tid of its own", zh: "主进程的 pid,自己的 tid" }
    pub(crate) fn own_process() { en: "a pid of its own", zh: "自己的 pid" }

    // order
    pub(crate) fn not_forced(rounds, threads, processes) {
        en: "nothing forced: of {rounds} threads {threads} came before main, of {rounds} processes {processes}",
        zh: "没有强制:{rounds} 个线程中 {threads} 个先于主线程,{rounds} 个进程中 {processes} 个先于主进程"
    }
    pub(crate) fn now_forced() { en: "now forced, each kind in both orders:", zh: "现在强制调度,每一种都演示两种顺序:" }
    pub(crate) fn thread_first() { en: "a thread: I am first", zh: "线程:我先" }
    pub(crate) fn main_second() { en: "main second", zh: "主线程在后" }
    pub(crate) fn main_first() { en: "main first", zh: "主线程先" }
    pub(crate) fn thread_second() { en: "a thread: I am second", zh: "线程:我在后" }
    pub(crate) fn process_first() { en: "a process: I am first", zh: "进程:我先" }
    pub(crate) fn main_process_second() { en: "main process second", zh: "主进程在后" }
    pub(crate) fn main_process_first() { en: "main process first", zh: "主进程先" }
    pub(crate) fn process_second() { en: "a process: I am second", zh: "进程:我在后" }
    pub(crate) fn threads_before_main() { en: "threads before main", zh: "先于主线程的线程" }
    pub(crate) fn processes_before_main() { en: "processes before main", zh: "先于主进程的进程" }
    pub(crate) fn threads_do_both() {
        en: "a thread may speak before main and after main: both orders happen",
        zh: "线程可以先于主线程,也可以后于主线程:两种顺序都会出现"
    }
    pub(crate) fn processes_do_both() {
        en: "so may a process: the order of two lines says nothing about cost",
        zh: "进程也一样:谁先打印与开销无关"
    }

    // memory
    pub(crate) fn writes(value, address) {
        en: "I write {value} at address {address}", zh: "我在地址 {address} 写入 {value}"
    }
    pub(crate) fn sees(value, address) { en: "at address {address} I see {value}", zh: "我在地址 {address} 看到 {value}" }
    pub(crate) fn sees_write_of_thread() { en: "main sees what a thread wrote", zh: "主线程能看到线程写入的值" }
    pub(crate) fn sees_no_write_of_process() {
        en: "main does not see what a process wrote at the same address: it wrote to its copy",
        zh: "进程在同一个地址写入,主进程看不到:它写的是自己的副本"
    }
    pub(crate) fn sees_write_to_shared_memory() {
        en: "main sees what a process wrote to memory that was made to be shared",
        zh: "写进专门共享的内存,主进程就能看到"
    }

    // cost
    pub(crate) fn time_of_both(thread, process, ratio) {
        en: "start and join: a thread {thread:.0} µs, a process {process:.0} µs: {ratio:.1} times as long",
        zh: "启动并等待结束:线程 {thread:.0} 微秒,进程 {process:.0} 微秒:{ratio:.1} 倍"
    }
    pub(crate) fn memory_of_both(thread, process, ratio) {
        en: "memory: a thread {thread:.0} kB, a process {process:.0} kB: {ratio:.1} times as much",
        zh: "内存:线程 {thread:.0} 千字节,进程 {process:.0} 千字节:{ratio:.1} 倍"
    }
    pub(crate) fn start_and_join_thread() { en: "start and join a thread", zh: "启动并等待一个线程" }
    pub(crate) fn start_and_join_process() { en: "start and join a process", zh: "启动并等待一个进程" }
    pub(crate) fn memory_of_thread() { en: "memory of a thread", zh: "一个线程的内存" }
    pub(crate) fn memory_of_process() { en: "memory of a process", zh: "一个进程的内存" }
    pub(crate) fn process_takes_more() {
        en: "a process takes more memory of its own than a thread (how many times as much)",
        zh: "进程独占的内存比线程多:多少倍"
    }

    // predict, then run
    pub(crate) fn does_main_see_the_write_of_a_process() {
        en: "A process writes to a variable of main, at the same address. Does main see the new value?",
        zh: "一个进程在同一个地址写入主进程的变量。主进程能看到新的值吗?"
    }

    // units
    pub(crate) fn of_rounds(rounds) { en: "of {rounds}", zh: "个(共 {rounds} 个)" }
    pub(crate) fn us_median() { en: "µs (median)", zh: "微秒(中位数)" }
}
