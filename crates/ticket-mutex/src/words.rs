//! What this section says, claims and measures, in each language.

common::words! {
    // The notes' own.
    pub(crate) fn user(name) { en: "user {name}", zh: "用户{name}" }
    pub(crate) fn queries(user, left) { en: "{user} queries: {left} tickets left", zh: "{user}查询余票:{left}" }
    pub(crate) fn bought(user, ticket) { en: "{user} bought ticket {ticket}", zh: "{user}买票成功,票号{ticket}" }
    pub(crate) fn sold_out(user) { en: "no tickets left, {user} bought none", zh: "余票不足,{user}买票失败" }

    // Both sales.
    pub(crate) fn sold() { en: "sold", zh: "售出" }
    pub(crate) fn refused() { en: "refused", zh: "未买到" }
    pub(crate) fn left() { en: "left", zh: "剩余" }
    /// How many numbers the tickets had that were sold.
    pub(crate) fn different() { en: "different tickets sold", zh: "不同的票" }
    /// How often a ticket was sold that had been sold already.
    pub(crate) fn sold_again() { en: "the same ticket sold again", zh: "同一张票再次售出" }
    pub(crate) fn oversold() { en: "sold beyond the stock", zh: "超卖" }
    pub(crate) fn waits_for_the_file(path) { en: "waiting: {path} is in use", zh: "等待:{path} 正在使用中" }

    // locked
    pub(crate) fn sells(sold, buyers) {
        en: "buyers that get a ticket: {sold} of {buyers}", zh: "{buyers} 个用户中有 {sold} 个买到票"
    }
    pub(crate) fn refuses(refused, buyers) {
        en: "buyers that find none left: {refused} of {buyers}", zh: "{buyers} 个用户中有 {refused} 个被告知余票不足"
    }
    pub(crate) fn file_says(left) { en: "the file says {left} in the end", zh: "最后文件里的余票是 {left}" }
    pub(crate) fn each_once(first, last) {
        en: "tickets {first} down to {last} are sold, each once", zh: "卖出的是 {first} 号到 {last} 号票,每张一次"
    }
    pub(crate) fn sold_once(ticket) { en: "ticket {ticket} is sold, once", zh: "卖出的是 {ticket} 号票,一次" }

    // unlocked
    pub(crate) fn forced() {
        en: "the bad schedule is forced: no buyer writes before all have read",
        zh: "强制安排最坏的次序:所有人都读完之后,才有人写"
    }
    pub(crate) fn same_number() { en: "all buyers read the same number", zh: "所有用户读到同一个余票数" }
    pub(crate) fn sold_times(ticket, times) {
        en: "it is ticket {ticket} each time, which is sold {times} times", zh: "每次都是 {ticket} 号票,它卖出了 {times} 次"
    }
    pub(crate) fn one_is_counted(left) {
        en: "the file counts one sale: it says {left}", zh: "而文件只记下一次售票:余票是 {left}"
    }
    pub(crate) fn oversells(number) {
        en: "tickets sold that there are none of: {number}", zh: "卖出了 {number} 张不存在的票"
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
        en: "Eight buyers, five tickets and no lock, in the worst order. How many tickets are sold, how many of them are different, and how many does the file say are left?",
        zh: "八个用户,五张票,没有锁,次序最坏。卖出多少次?其中有几张不同的票?文件里的余票又是多少?"
    }

    // units
    pub(crate) fn tickets() { en: "tickets", zh: "张票" }
    pub(crate) fn buyers() { en: "buyers", zh: "个用户" }
}
