//! What this section says, claims and measures, in each language.

common::words! {
    pub(crate) fn another_task_not_started() { en: "another task could not be started", zh: "另一个任务没能启动" }
    pub(crate) fn thread(number) { en: "thread {number}", zh: "线程{number}" }
    pub(crate) fn process(number) { en: "process {number}", zh: "进程{number}" }
    pub(crate) fn cpu_bound() { en: "CPU-bound", zh: "计算密集型" }
    pub(crate) fn io_bound() { en: "I/O-bound", zh: "IO密集型" }

    // the notes' clock
    pub(crate) fn forced_gate() {
        en: "forced: no task begins before the notes' clock has stopped",
        zh: "强制的调度:计时结束之前,所有任务都被拦在门外"
    }
    pub(crate) fn clock_measures_starts(threads, processes) {
        en: "the notes' clock: threads {threads:.1} ms, processes {processes:.1} ms: it measures how long a start takes",
        zh: "笔记的计时:多线程 {threads:.1} 毫秒,多进程 {processes:.1} 毫秒:它量的只是启动的时间"
    }
    pub(crate) fn no_thread_is_done(tasks) {
        en: "the notes join an empty list: none of {tasks} threads is done when their clock stops",
        one(tasks): "the notes join an empty list: the {tasks} thread is not done when their clock stops",
        zh: "笔记 join 的是空列表:计时结束时,{tasks} 个线程没有一个完成"
    }
    pub(crate) fn no_process_is_done(tasks) {
        en: "and none of {tasks} processes: their 22.8 s and 0.33 s compare no work at all",
        one(tasks): "nor is the {tasks} process: their 22.8 s and 0.33 s compare no work at all",
        zh: "{tasks} 个进程也没有一个完成:22.8 秒和 0.33 秒根本没有比较计算"
    }
    pub(crate) fn all_are_done_when_joined() {
        en: "joined properly, all of them are done, with the right sum", zh: "正确地 join 之后,全部完成,而且结果正确"
    }
    pub(crate) fn notes_clock_threads() { en: "the notes' clock, threads", zh: "笔记的计时,多线程" }
    pub(crate) fn notes_clock_processes() { en: "the notes' clock, processes", zh: "笔记的计时,多进程" }

    // cpu
    pub(crate) fn tasks_that_count(kind, tasks, iterations) {
        en: "{kind}: {tasks} tasks of {iterations} iterations",
        one(tasks, iterations): "{kind}: {tasks} task of {iterations} iteration",
        one(tasks): "{kind}: {tasks} task of {iterations} iterations",
        one(iterations): "{kind}: {tasks} tasks of {iterations} iteration",
        zh: "{kind}:{tasks} 个任务,每个循环 {iterations} 次"
    }
    pub(crate) fn notes_sums_are_right(tasks) {
        en: "the notes' size: in each round serial, threads and processes each compute the right sum {tasks} times",
        one(tasks): "the notes' size: in each round serial, threads and processes each compute the right sum once",
        zh: "笔记的大小:串行、多线程、多进程每轮各 {tasks} 次,结果都正确"
    }
    pub(crate) fn sums_are_right(work, tasks) {
        en: "--work {work}: in each round serial, threads and processes each compute the right sum {tasks} times",
        one(tasks): "--work {work}: in each round serial, threads and processes each compute the right sum once",
        zh: "--work {work}:串行、多线程、多进程每轮各 {tasks} 次,结果都正确"
    }
    pub(crate) fn threads_compute_faster(cores) {
        en: "a thread each, on {cores} cores: computing is faster than one after the other (how many times as fast)",
        one(cores): "a thread each, on {cores} core: computing is faster than one after the other (how many times as fast)",
        zh: "多线程,{cores} 核:计算比串行快(倍)"
    }

    // io
    pub(crate) fn tasks_that_wait(kind, tasks, milliseconds) {
        en: "{kind}: {tasks} tasks that wait {milliseconds:.1} ms",
        one(tasks): "{kind}: {tasks} task that waits {milliseconds:.1} ms",
        zh: "{kind}:{tasks} 个任务,每个等待 {milliseconds:.1} 毫秒"
    }
    pub(crate) fn forced_start() {
        en: "forced, at any speed: a thread or process of Rust's starts to wait only when all have begun",
        zh: "强制的调度:Rust 的线程(进程)全部开始之后,才各自等待 IO"
    }
    pub(crate) fn one_waits_at_a_time() {
        en: "one after the other: never more than one task waits at a time", zh: "串行:任何时刻最多一个任务在等待"
    }
    pub(crate) fn waits_add_up(least) {
        en: "one after the other: the waits add up to {least} s or more", zh: "串行:等待时间累加到至少 {least} 秒"
    }
    pub(crate) fn all_threads_wait_at_once() {
        en: "a thread each: all tasks wait at the same moment", zh: "多线程:所有任务同时在等待"
    }
    pub(crate) fn threads_wait_faster() {
        en: "a thread each: waiting is over sooner than one after the other (how many times as fast)",
        zh: "多线程:等待比串行更早结束(倍)"
    }
    pub(crate) fn all_processes_wait_at_once() {
        en: "a process each: all tasks wait at the same moment", zh: "多进程:所有任务同时在等待"
    }

    // the table
    /// A line of it, which is aligned in each language.
    pub(crate) fn line(en, zh) { en: "{en}", zh: "{zh}" }
    pub(crate) fn rust() { en: "Rust", zh: "Rust" }
    pub(crate) fn rust_not_optimised() { en: "Rust, unoptimised", zh: "Rust(未优化)" }
    pub(crate) fn python() { en: "Python", zh: "Python" }
    pub(crate) fn serial() { en: "serial", zh: "串行" }
    pub(crate) fn threads() { en: "threads", zh: "多线程" }
    pub(crate) fn processes() { en: "processes", zh: "多进程" }
    pub(crate) fn wall_ms() { en: "wall ms", zh: "耗时(毫秒)" }
    /// The wall times of the fastest and the slowest round.
    pub(crate) fn rounds() { en: "rounds", zh: "各轮" }
    pub(crate) fn from_to(fastest, slowest) { en: "{fastest:.1} to {slowest:.1}", zh: "{fastest:.1} 至 {slowest:.1}" }
    pub(crate) fn cpu_ms() { en: "CPU ms", zh: "CPU(毫秒)" }
    pub(crate) fn nothing_beat_serial(kind, language, cores) {
        en: "{kind}, {language}, {cores} cores: nothing beat serial in this run",
        one(cores): "{kind}, {language}, {cores} core: nothing beat serial in this run",
        zh: "{kind},{language},{cores} 核:这一次没有什么比串行更快"
    }
    pub(crate) fn did_best(kind, language, cores, best, times) {
        en: "{kind}, {language}, {cores} cores: {best} did best, {times:.2} times as fast as serial",
        one(cores): "{kind}, {language}, {cores} core: {best} did best, {times:.2} times as fast as serial",
        zh: "{kind},{language},{cores} 核:{best}最快,是串行的 {times:.2} 倍"
    }
    pub(crate) fn both_did_best(kind, language, cores, first, second, first_times, second_times) {
        en: "{kind}, {language}, {cores} cores: {first} and {second} did best, \
             {first_times:.2} and {second_times:.2} times as fast as serial",
        one(cores): "{kind}, {language}, {cores} core: {first} and {second} did best, \
             {first_times:.2} and {second_times:.2} times as fast as serial",
        zh: "{kind},{language},{cores} 核:{first}和{second}最快,分别是串行的 {first_times:.2} 倍和 {second_times:.2} 倍"
    }
    pub(crate) fn no_verdict(kind, language, doubt) {
        en: "{kind}, {language}: {doubt}: no verdict", zh: "{kind},{language}:{doubt}:没有结论"
    }

    // why there is no verdict
    pub(crate) fn was_busy(way, cpu, wall) {
        en: "this machine was busy ({way} had {cpu:.0} ms of CPU time in {wall:.0} ms)",
        zh: "这台机器很忙({way}在 {wall:.0} 毫秒里只得到 {cpu:.0} 毫秒 CPU 时间)"
    }
    pub(crate) fn rounds_differ() {
        en: "the rounds differ by more than serial and the others do", zh: "各轮之间的差别比串行与其他之间的还大"
    }

    // figures
    pub(crate) fn rust_serial() { en: "Rust serial", zh: "Rust 串行" }
    pub(crate) fn rust_threads() { en: "Rust threads", zh: "Rust 多线程" }
    pub(crate) fn rust_processes() { en: "Rust processes", zh: "Rust 多进程" }
    pub(crate) fn python_serial() { en: "Python serial", zh: "Python 串行" }
    pub(crate) fn python_threads() { en: "Python threads", zh: "Python 多线程" }
    pub(crate) fn python_processes() { en: "Python processes", zh: "Python 多进程" }
    pub(crate) fn wall_time() { en: "wall time", zh: "耗时" }
    pub(crate) fn spread() { en: "spread of the rounds", zh: "各轮之差" }
    pub(crate) fn cpu_time() { en: "CPU time", zh: "CPU 时间" }
    pub(crate) fn speed_up() { en: "speed-up", zh: "加速比" }
    pub(crate) fn speed_up_at_notes_size() { en: "speed-up at the notes' size", zh: "加速比(笔记的大小)" }

    // Python
    pub(crate) fn python_not_found() { en: "python3 not found", zh: "没有找到 python3" }
    pub(crate) fn python_did_fewer(name, tasks) {
        en: "{name} ran only {tasks} of the tasks", zh: "{name},只做其中 {tasks} 个任务"
    }
    pub(crate) fn python_was_wrong(way, right, tasks) {
        en: "Python's {way}: {right} of {tasks} results are right",
        zh: "Python 的 {way}:{tasks} 个结果中只有 {right} 个正确"
    }
    pub(crate) fn python_failed(why) { en: "python3: {why}", zh: "python3: {why}" }

    // predict, then run
    pub(crate) fn how_long_do_waits_take() {
        en: "A hundred tasks wait 5 ms each. How long do they take one after the other, and how long a thread each?",
        zh: "一百个任务各等待 5 毫秒。一个接一个要多久?每个任务一个线程呢?"
    }
}
