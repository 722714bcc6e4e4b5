//! What this section says, claims and measures, in each language.

common::words! {
    pub(crate) fn kill_every_is_for_kill() {
        en: "--kill-every is for the scene kill: leave out --scene, or add --scene kill",
        zh: "--kill-every 用于场景 kill:请去掉 --scene,或加上 --scene kill"
    }
    pub(crate) fn xiao_dangjia() { en: "Xiao Dangjia", zh: "中华小当家" }
    pub(crate) fn xiao_fugui() { en: "Xiao Fugui", zh: "神厨小福贵" }
    pub(crate) fn bajie() { en: "Bajie", zh: "八戒" }
    pub(crate) fn wukong() { en: "Wukong", zh: "悟空" }
    pub(crate) fn golden_fried_rice() { en: "golden fried rice", zh: "黄金炒饭" }
    pub(crate) fn buddha_jumps_over_the_wall() { en: "Buddha jumps over the wall", zh: "佛跳墙" }

    pub(crate) fn cooked(name, food, number) { en: "{name} cooked {food} {number}", zh: "{name}做了{food}{number}" }
    pub(crate) fn ate(name, food, number) { en: "{name} ate {food} {number}", zh: "{name}吃了{food}{number}" }
    pub(crate) fn all_is_eaten() { en: "every dish is eaten", zh: "菜都吃完了" }
    pub(crate) fn cooked_once() { en: "every dish is cooked exactly once", zh: "每道菜恰好做一次" }

    // feast
    pub(crate) fn eaten_once() { en: "every dish is eaten exactly once", zh: "每道菜恰好吃一次" }
    pub(crate) fn cooked_before_eaten() {
        en: "no dish is eaten before it is cooked", zh: "没有一道菜在做好之前被吃掉"
    }
    pub(crate) fn first_in_first_out() {
        en: "first in, first out: no dish leaves the table before an earlier dish of the same cook",
        zh: "先进先出:没有一道菜先于同一厨师更早做的菜被取走"
    }
    pub(crate) fn full_table_holds_back(most) {
        en: "a full table holds the cooks back: at most {most} dishes are cooked and not yet eaten",
        one(most): "a full table holds the cooks back: at most {most} dish is cooked and not yet eaten",
        zh: "桌子满了厨师要等:做好而未吃完的菜最多 {most} 道"
    }
    pub(crate) fn none_unfinished() { en: "when join returns, nothing is unfinished", zh: "join 返回时,没有未完成的菜" }
    pub(crate) fn eaters_wait() {
        en: "when join returns, both eaters are waiting for more", zh: "这时两位食客都还在,等着下一道"
    }
    pub(crate) fn eaters_are_daemons() {
        en: "the eaters are daemons: SIGTERM ends them with main", zh: "食客是守护进程,随主进程被 SIGTERM 结束"
    }
    pub(crate) fn dishes_cooked() { en: "dishes cooked", zh: "做好的菜" }
    pub(crate) fn eaten_by_bajie() { en: "eaten by Bajie", zh: "八戒吃的菜" }
    pub(crate) fn eaten_by_wukong() { en: "eaten by Wukong", zh: "悟空吃的菜" }
    pub(crate) fn most_not_eaten() { en: "cooked and not eaten, at most", zh: "做好而未吃完的菜,最多" }

    // kill
    pub(crate) fn forced_kill() {
        en: "forced: no eater finishes a meal before the first kill, and none is killed while it eats a dish for the second time",
        zh: "强制的顺序:第一次有人被杀之前,谁也吃不完;重新上桌的菜不再让人送命"
    }
    pub(crate) fn kills_eater(name, pid) {
        en: "main kills {name} (pid {pid}) in the middle of a meal", zh: "主进程杀死正在吃菜的{name}(pid {pid})"
    }
    pub(crate) fn takes_its_place(name, dead, exit, pid) {
        en: "{name} (pid {dead}) ended with {exit}, and pid {pid} takes its place",
        zh: "{name}(pid {dead})的进程已结束:{exit},由 pid {pid} 接替"
    }
    pub(crate) fn served_again(name, food, number, dead, pid) {
        en: "{name} was served {food} {number} again: {dead} (pid {pid}) was killed before it was done",
        zh: "{name}又分到{food}{number}:{dead}(pid {pid})没吃完就被杀了"
    }
    pub(crate) fn none_is_lost() {
        en: "no dish is lost: each is eaten at least once", zh: "一道不丢:每道菜至少吃一次"
    }
    pub(crate) fn one_is_served_twice() { en: "at least one dish is served twice", zh: "至少有一道菜上了两次" }
    pub(crate) fn none_killed_in_vain() {
        en: "no dish of a killed eater is left unserved",
        zh: "没有一位食客吃到一半被杀,而他的菜不重新上桌"
    }
    pub(crate) fn all_have_successors() {
        en: "no killed eater is without a successor", zh: "没有一位被杀的食客无人接替"
    }
    pub(crate) fn join_returns() { en: "join returns, and nothing is unfinished", zh: "join 返回,没有未完成的菜" }
    pub(crate) fn two_eaters_wait() {
        en: "when join returns, two eaters are waiting for more", zh: "这时有两位食客在等着下一道"
    }
    pub(crate) fn kills() { en: "kills", zh: "被杀" }
    pub(crate) fn restarts() { en: "restarts", zh: "接替" }
    pub(crate) fn served_twice() { en: "served twice", zh: "上了两次的菜" }

    // predict, then run
    pub(crate) fn what_becomes_of_the_dish() {
        en: "An eater is killed by kill -9 in the middle of a meal. Is its dish lost, or is it served again?",
        zh: "一个食客吃到一半被 kill -9 杀死。他的菜丢了,还是重新上桌?"
    }

    // units
    pub(crate) fn dishes() { en: "dishes", zh: "道菜" }
    pub(crate) fn eaters() { en: "eaters", zh: "位食客" }
}
