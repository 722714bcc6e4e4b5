//! What this section says, claims and measures, in each language.

common::words! {
    pub(crate) fn thread(number) { en: "thread {number}", zh: "线程{number}" }
    pub(crate) fn crowd() { en: "all threads", zh: "所有线程" }
    pub(crate) fn start() { en: "the start", zh: "开始信号" }
    pub(crate) fn is_left(left) { en: "{left} is left", zh: "剩 {left}" }
    pub(crate) fn left() { en: "left", zh: "剩余" }

    // mutex
    pub(crate) fn lock_loses_none(threads) {
        en: "under the lock no update is lost: {threads} - {threads} is 0",
        zh: "有锁就不会丢失更新:{threads} - {threads} 等于 0"
    }
    pub(crate) fn one_by_one(least) {
        en: "the threads pass one by one: their pauses under the lock add up to {least} s or more",
        zh: "线程只能一个一个通过:锁内的停顿累加到至少 {least} 秒"
    }

    // unlocked
    pub(crate) fn never_below_0() {
        en: "a lost update leaves too much, never too little: no round ends below 0",
        zh: "丢失更新只会剩多,不会剩少:没有一轮低于 0"
    }
    pub(crate) fn never_all(threads) {
        en: "one thread writes last, so no round leaves all {threads}",
        zh: "总有最后一个写入者,所以没有一轮仍剩 {threads}"
    }
    pub(crate) fn nothing_forced(rounds, threads) {
        en: "{rounds} rounds of {threads} threads that begin at the same moment, nothing forced: chance decides what is left",
        one(rounds, threads): "{rounds} round of {threads} thread, nothing forced",
        one(rounds): "{rounds} round of {threads} threads that begin at the same moment, nothing forced: chance decides what is left",
        one(threads): "{rounds} rounds of {threads} thread, nothing forced",
        zh: "{rounds} 轮,每轮 {threads} 个线程,尽量同时开始,没有强制:剩多少全凭运气"
    }
    pub(crate) fn rounds_ended(at, rounds, bar) {
        en: "left {at:<5} {rounds:>6} rounds{bar}",
        one(rounds): "left {at:<5} {rounds:>6} round {bar}",
        zh: "剩 {at:<5} {rounds:>6} 轮{bar}"
    }
    pub(crate) fn ended_at_0() { en: "ended at 0", zh: "剩 0 的轮数" }
    pub(crate) fn ended_at_1() { en: "ended at 1", zh: "剩 1 的轮数" }
    pub(crate) fn ended_at_2_to_5() { en: "ended at 2-5", zh: "剩 2-5 的轮数" }
    pub(crate) fn ended_at_6_to_20() { en: "ended at 6-20", zh: "剩 6-20 的轮数" }
    pub(crate) fn ended_at_21_or_more() { en: "ended at 21+", zh: "剩 21+ 的轮数" }
    pub(crate) fn lowest() { en: "lowest", zh: "最少" }
    pub(crate) fn median() { en: "median", zh: "中位数" }
    pub(crate) fn highest() { en: "highest", zh: "最多" }

    // unlocked-slow
    pub(crate) fn all_but_one_lost(threads, left) {
        en: "when all threads read {threads} before any of them writes, only one update survives: {left} is left",
        zh: "如果人人都在写入之前读到 {threads},就只有一次更新有效:剩 {left}"
    }
    pub(crate) fn by_the_pause_alone(left, threads) {
        en: "the pause alone, nothing forced: {left} is left of {threads}",
        zh: "只靠停顿,没有强制:{threads} 剩 {left}"
    }
    pub(crate) fn forced(left, threads) {
        en: "forced: no thread writes before all have read: {left} is left of {threads}",
        zh: "强制的调度:所有线程都读完之后才允许写入:{threads} 剩 {left}"
    }
    pub(crate) fn left_by_the_pause_alone() { en: "left by the pause alone", zh: "只靠停顿时剩余" }
    pub(crate) fn left_when_forced() { en: "left when forced", zh: "强制时剩余" }

    // atomic
    pub(crate) fn atomic_loses_none(threads) {
        en: "one indivisible operation needs no lock: {threads} - {threads} is 0",
        zh: "不可分割的一次操作不需要锁:{threads} - {threads} 等于 0"
    }
    pub(crate) fn none_lost_while_measured() {
        en: "while the cost is measured, two threads at once: mutex and atomic lose no update",
        zh: "测量开销时两个线程同时在减:互斥锁和原子操作都不丢失更新"
    }
    pub(crate) fn load_and_store() { en: "load and store (wrong)", zh: "load 再 store(错误)" }
    pub(crate) fn fetch_sub() { en: "atomic fetch_sub", zh: "atomic fetch_sub" }
    pub(crate) fn mutex() { en: "mutex", zh: "mutex" }
    pub(crate) fn one_thread() { en: "one thread", zh: "单线程" }
    pub(crate) fn two_threads() { en: "two threads", zh: "两个线程同时" }
    pub(crate) fn cost(way, alone, contended) {
        en: "{alone:6.1} ns alone, {contended:6.1} ns by two: {way}",
        zh: "单线程 {alone:6.1},双线程 {contended:6.1} 纳秒:{way}"
    }
    pub(crate) fn not_optimised() {
        en: "(a build without optimisation; cargo run --release measures better)", zh: "(未优化的构建;用 cargo run --release 更准)"
    }
    pub(crate) fn lost_by_load_and_store() { en: "lost by load and store", zh: "load 再 store 丢失的更新" }

    // predict, then run
    pub(crate) fn how_much_is_left_after_a_pause() {
        en: "180 threads read 180, pause, and write back what they read less 1. How much is left?",
        zh: "180 个线程读到 180,停顿一下,再写回减去 1 的数。最后剩多少?"
    }

    // units
    pub(crate) fn left_unit() { en: "left", zh: "(剩余)" }
    pub(crate) fn of_the_counter() { en: "of the counter", zh: "(计数器)" }
    pub(crate) fn of_the_measured_operations() { en: "of the measured operations", zh: "次(在测量的操作中)" }
    pub(crate) fn ns_per_operation() { en: "ns per operation", zh: "纳秒每次操作" }
    pub(crate) fn rounds() { en: "rounds", zh: "轮" }
}
