//! What this section says, claims and measures, in each language.

common::words! {
    pub(crate) fn king() { en: "King Zhou", zh: "纣王" }
    pub(crate) fn daji() { en: "Daji", zh: "苏妲己" }
    pub(crate) fn heir() { en: "Wu Geng", zh: "武庚" }
    pub(crate) fn forced_after_the_king() {
        en: "the order is forced: no natural death before King Zhou's end, at any speed",
        zh: "顺序是强制的:无论速度多快,纣王驾崩之前没有人正常死亡"
    }
    pub(crate) fn is_alive(name) { en: "{name} is still alive", zh: "{name} 还活着" }
    pub(crate) fn dies_naturally(name) { en: "{name} dies a natural death", zh: "{name} 正常死亡" }
    pub(crate) fn king_has_died() { en: "King Zhou has died", zh: "纣王驾崩了" }
    pub(crate) fn ended_with(name, exit) { en: "{name} ended with {exit}", zh: "{name}的进程已结束:{exit}" }

    // daemon
    pub(crate) fn lives_while_he_lives() { en: "Daji lives while King Zhou lives", zh: "纣王在世时苏妲己活着" }
    pub(crate) fn is_terminated() {
        en: "the end of her parent ends her: a daemon is terminated", zh: "父进程一结束,守护进程立刻被终止"
    }
    pub(crate) fn no_natural_death() { en: "she never dies a natural death", zh: "她没有机会正常死亡" }

    // ordinary
    pub(crate) fn outlives_the_king() {
        en: "Daji is no daemon, and dies a natural death after King Zhou's last word",
        zh: "不是守护进程:纣王驾崩之后,苏妲己才正常死亡"
    }
    pub(crate) fn ends_by_herself() { en: "she comes to her own end", zh: "她活到了自己的终点" }
    pub(crate) fn parent_joins_her() {
        en: "her parent's process ends only after hers: it joins her first, as Python does",
        zh: "父进程在她之后才结束:它先 join,和 Python 一样"
    }

    // killed-parent
    pub(crate) fn kernel_ends_her() {
        en: "kill -9 of King Zhou: the kernel ends his daemon Daji with him (Python's would live on)",
        zh: "kill -9 纣王:内核让守护进程苏妲己随他而去(Python 的守护进程会活下来)"
    }
    pub(crate) fn main_adopts_the_heir() {
        en: "Wu Geng is no daemon: he is an orphan now, adopted by main", zh: "武庚不是守护进程,成了孤儿,由主进程收养"
    }
    pub(crate) fn heir_outlives_the_king() {
        en: "he dies a natural death, after his parent", zh: "他在父进程之后正常死亡"
    }
    pub(crate) fn main_reaps_the_heir() { en: "main reaps him", zh: "由主进程回收" }
    pub(crate) fn parent_of(name, parent, main) {
        en: "/proc: the parent of {name} is {parent}; main is {main}", zh: "/proc:{name}的父进程是 {parent};主进程是 {main}"
    }
    pub(crate) fn from_kill_to_end() { en: "from kill -9 to the daemon's end", zh: "从 kill -9 到守护进程结束" }

    // predict, then run
    pub(crate) fn what_becomes_of_the_daemon() {
        en: "King Zhou is killed by kill -9, and has no time to end his daemon. How does she end, if at all?",
        zh: "纣王被 kill -9 杀死,来不及终止他的守护进程。她会结束吗?怎样结束?"
    }
}
