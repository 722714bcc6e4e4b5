//! What this section says, claims and measures, in each language.

common::words! {
    // The notes' own.
    pub(crate) fn user(name) { en: "user {name}", zh: "用户{name}" }
    pub(crate) fn queries(user, left) { en: "{user} queries: {left} tickets left", zh: "{user}查询余票:{left}" }
    pub(crate) fn bought(user) { en: "{user} bought a ticket", zh: "{user}买票成功" }
    pub(crate) fn sold_out(user) { en: "no tickets left, {user} bought none", zh: "余票不足,{user}买票失败" }

    // Both sales.
    pub(crate) fn sold() { en: "sold", zh: "售出" }
    pub(crate) fn refused() { en: "refused", zh: "未买到" }
    pub(crate) fn left() { en: "left", zh: "剩余" }
    pub(crate) fn oversold() { en: "oversold", zh: "超卖" }
    pub(crate) fn waits_for_the_file(path) { en: "waiting: {path} is in use", zh: "等待:{path} 正在使用中" }

    // locked
    pub(crate) fn sells(sold, buyers) {
        en: "{sold} of {buyers} buyers get a ticket", zh: "{buyers} 个用户中有 {sold} 个买到票"
    }
    pub(crate) fn refuses(refused, buyers) {
        en: "{refused} of {buyers} find none left", zh: "{refused} 个用户被告知余票不足"
    }
    pub(crate) fn file_says(left) { en: "the file says {left} in the end", zh: "最后文件里的余票是 {left}" }
    pub(crate) fn no_ticket_twice() { en: "the tickets sold are all different", zh: "卖出的每张票都不相同" }

    // unlocked
    pub(crate) fn forced() {
        en: "the bad schedule is forced: no buyer writes before all have read",
        zh: "强制安排最坏的次序:所有人都读完之后,才有人写"
    }
    pub(crate) fn same_number() { en: "all buyers read the same number", zh: "所有用户读到同一个余票数" }
    pub(crate) fn sells_unlocked(sold, buyers) {
        en: "so {sold} of {buyers} get a ticket", zh: "于是 {buyers} 个用户中有 {sold} 个买到票"
    }
    pub(crate) fn one_is_counted(left) {
        en: "but the file counts one sale at most: it says {left}", zh: "而文件最多只记下一次售票:余票是 {left}"
    }
    pub(crate) fn oversells() {
        en: "tickets are sold that do not exist, if there are more buyers than tickets",
        zh: "用户比票多时,会卖出不存在的票"
    }

    // The commands.
    pub(crate) fn tickets_left(left) { en: "{left} tickets left", zh: "余票:{left}" }
    pub(crate) fn gets_a_ticket(name) { en: "{name} gets a ticket", zh: "{name} 买到一张票" }
    pub(crate) fn restocked(tickets) { en: "{tickets} tickets from now on", zh: "现有余票:{tickets}" }
    pub(crate) fn waits_for_the_demonstration(path) {
        en: "waiting: a demonstration runs on {path}", zh: "等待:{path} 上正在演示"
    }

    // predict, then run
    pub(crate) fn how_many_buy_without_a_lock() {
        en: "Eight buyers, five tickets and no lock, in the worst order. How many tickets are sold, and how many does the file say are left?",
        zh: "八个用户,五张票,没有锁,次序最坏。卖出多少张?文件里的余票又是多少?"
    }
}
