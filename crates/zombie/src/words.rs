//! What this section says, claims and measures, in each language.

use common::error::cause;
use common::words::Text;

/// The state of a process, as `/proc` has it; `None` if it has no entry any more.
pub(crate) fn state(state: Option<char>) -> Text {
    state.map_or_else(gone, |state| state.to_string().into())
}

/// No child of this kind: the same number on every Linux.
const ECHILD: i32 = 10;

/// What a join says of a child without an entry in the table of processes, by the number of its error.
pub(crate) fn join_without_entry(refused: Option<i32>) -> Text {
    match refused {
        None => join_succeeded(),
        Some(ECHILD) => no_child_processes(),
        Some(number) => cause(&std::io::Error::from_raw_os_error(number)),
    }
}

common::words! {
    pub(crate) fn no_child_processes() { en: "no child processes", zh: "没有子进程" }
    pub(crate) fn ended_before_its_time(pid) {
        en: "process {pid} ended before its time", zh: "进程 {pid} 提前结束了"
    }
    fn join_succeeded() { en: "it succeeded", zh: "成功了" }
    fn gone() { en: "gone", zh: "已消失" }

    pub(crate) fn forced_until_looked_at() {
        en: "the order is forced: the task does not end before its entry in /proc was read",
        zh: "顺序是强制的:在 /proc 里看过之后,任务才会结束"
    }
    pub(crate) fn task_name() { en: "task", zh: "任务" }
    pub(crate) fn task_begins() { en: "task begins", zh: "任务开始" }
    pub(crate) fn task_ends() { en: "task ends", zh: "任务结束" }

    // zombie
    pub(crate) fn main_line() { en: "main process", zh: "主进程" }
    pub(crate) fn in_state(pid, state) {
        en: "/proc: process {pid} is in state {state}", zh: "/proc:进程 {pid} 的状态是 {state}"
    }
    pub(crate) fn after_kill(state) { en: "after kill -9: state {state}", zh: "kill -9 之后:状态 {state}" }
    pub(crate) fn after_join(state) { en: "after join: {state}", zh: "join 之后:{state}" }
    pub(crate) fn memory_of_task() { en: "memory of the task", zh: "任务的内存" }
    pub(crate) fn memory_of_zombie() { en: "memory of the zombie", zh: "僵尸进程的内存" }
    pub(crate) fn is_a_zombie() {
        en: "a child that has ended and was not joined is a zombie: state Z in /proc",
        zh: "已经结束、却没人等待的子进程是僵尸进程:/proc 里的状态是 Z"
    }
    pub(crate) fn has_no_memory() {
        en: "its memory is given back already: only its entry is left", zh: "它的内存早已归还:只剩进程表里的一项"
    }
    pub(crate) fn kill_does_not_remove_it() {
        en: "kill -9 does not remove it: it is dead already", zh: "kill -9 清除不了它:它已经死了"
    }
    pub(crate) fn join_gets_its_exit() {
        en: "join returns its exit status: the entry was kept for that",
        zh: "join 得到它的退出状态:那一项就是为此保留的"
    }
    pub(crate) fn join_reaps_it() { en: "join reaps it: the entry is gone", zh: "join 回收了它:那一项消失了" }

    // orphan
    pub(crate) fn orphan_name() { en: "orphan", zh: "孤儿" }
    pub(crate) fn parent_name() { en: "parent", zh: "父进程" }
    pub(crate) fn main_line_pid(pid) { en: "main process {pid}", zh: "主进程 {pid}" }
    pub(crate) fn starts_a_child(pid) { en: "parent process {pid} starts a child", zh: "父进程 {pid} 启动子进程" }
    pub(crate) fn parent_of(pid, parent) {
        en: "/proc: the parent of process {pid} is {parent}", zh: "/proc:进程 {pid} 的父进程是 {parent}"
    }
    pub(crate) fn its_parent_ended(exit) { en: "its parent ended with {exit}", zh: "它的父进程已结束:{exit}" }
    pub(crate) fn has_its_first_parent() {
        en: "at first its parent is the process that started it", zh: "起初,父进程就是启动它的进程"
    }
    pub(crate) fn lives_on() { en: "its parent was killed, and it lives on", zh: "父进程被杀死,它继续运行" }
    pub(crate) fn is_adopted() {
        en: "now its parent is main, which adopts orphans; without a subreaper it would be process 1",
        zh: "现在它的父进程是收养孤儿的主进程;没有收养者时则是 1 号进程"
    }
    pub(crate) fn main_reaps_it() { en: "main reaps it when it has ended", zh: "它结束后由主进程回收" }

    // cures
    pub(crate) fn first_cure() { en: "first cure: wait", zh: "办法一:等待" }
    pub(crate) fn second_cure() { en: "second cure: ignore SIGCHLD", zh: "办法二:忽略 SIGCHLD" }
    pub(crate) fn third_cure(pid) {
        en: "third cure: fork twice; main is process {pid}", zh: "办法三:两次 fork;主进程是 {pid}"
    }
    pub(crate) fn waits() { en: "waits", zh: "等待者" }
    pub(crate) fn before_and_after_join(before, after) {
        en: "before join: {before}, after join: {after}", zh: "join 之前:{before},join 之后:{after}"
    }
    pub(crate) fn then(before, after) { en: "{before}, then {after}", zh: "{before},然后{after}" }
    pub(crate) fn ignores() { en: "ignores", zh: "忽略者" }
    pub(crate) fn join_fails(join, state) { en: "join: {join}; the child: {state}", zh: "join:{join};子进程:{state}" }
    pub(crate) fn forks_twice() { en: "forks twice", zh: "两次 fork" }
    pub(crate) fn middle() { en: "middle", zh: "中间进程" }
    pub(crate) fn grandchild() { en: "grandchild", zh: "孙进程" }
    pub(crate) fn middle_ended(exit, left) {
        en: "the middle process ended ({exit}); children left: {left}", zh: "中间进程已结束({exit});剩下的子进程:{left}"
    }
    pub(crate) fn parent_of_grandchild(pid, parent) {
        en: "/proc: the parent of grandchild {pid} is {parent}", zh: "/proc:孙进程 {pid} 的父进程是 {parent}"
    }
    pub(crate) fn waiting_reaps() {
        en: "wait: the parent joins its zombie, and it is gone", zh: "等待:父进程 join 之后,僵尸消失"
    }
    pub(crate) fn ignoring_leaves_none() {
        en: "ignore SIGCHLD: the kernel itself removes the child that has ended",
        zh: "忽略 SIGCHLD:子进程结束后由内核直接回收"
    }
    pub(crate) fn price_of_ignoring() {
        en: "its price: how the child ended is lost, and a join fails",
        zh: "代价:没人知道它是怎么结束的,join 会失败"
    }
    pub(crate) fn no_child_to_wait_for() {
        en: "fork twice: the parent joins the middle process, and has no child to wait for",
        zh: "两次 fork:父进程等完中间进程,就再没有要等的子进程"
    }
    pub(crate) fn grandchild_is_adopted() {
        en: "main adopts the grandchild, as process 1 would", zh: "孙进程由主进程收养,它扮演 1 号进程"
    }
    pub(crate) fn adopter_reaps_it() {
        en: "main reaps the grandchild when it has ended", zh: "它结束后由收养者回收"
    }

    // predict, then run
    pub(crate) fn does_kill_remove_a_zombie() {
        en: "A child has ended, and its parent has not joined it. Is it gone after kill -9?",
        zh: "子进程已经结束,父进程还没有 join。kill -9 之后它就消失了吗?"
    }

    // units
    pub(crate) fn pages() { en: "pages", zh: "页" }
}
