//! What this section says, claims and measures, in each language.

common::words! {
    // The notes' own.
    pub(crate) fn user(name) { en: "user {name}", zh: "用户{name}" }
    pub(crate) fn queries(user, left) {
        en: "{user} queries: {left} tickets left", one(left): "{user} queries: {left} ticket left", zh: "{user}查询余票:{left}"
    }
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
        en: "it is ticket {ticket} each time, which is sold {times} times",
        one(times): "it is ticket {ticket}, which is sold once",
        zh: "每次都是 {ticket} 号票,它卖出了 {times} 次"
    }
    pub(crate) fn one_is_counted(left) {
        en: "the file counts one sale: it says {left}", zh: "而文件只记下一次售票:余票是 {left}"
    }
    pub(crate) fn oversells(number) {
        en: "tickets sold that there are none of: {number}", zh: "卖出了 {number} 张不存在的票"
    }

    // What is wrong with the file, and what to do.
    pub(crate) fn is_not_utf8(byte) { en: "not UTF-8 from byte {byte} on", zh: "从第 {byte} 字节起不是 UTF-8" }
    pub(crate) fn is_empty() { en: "it is empty", zh: "它是空的" }
    pub(crate) fn is_no_json_object(why) { en: "not a JSON object: {why}", zh: "不是 JSON 对象:{why}" }
    pub(crate) fn key_is_missing(key) { en: "key {key} is missing", zh: "缺少键 {key}" }
    pub(crate) fn key_is_there_twice(key) { en: "key {key} is there twice", zh: "键 {key} 出现了两次" }
    pub(crate) fn is_no_whole_number(key, number, most) {
        en: "{key} is {number}, and must be a whole number from 0 to {most}",
        zh: "{key} 是 {number},必须是 0 到 {most} 之间的整数"
    }
    pub(crate) fn is_too_large() { en: "it is larger than 1 MiB", zh: "它超过 1 MiB" }
    pub(crate) fn is_a_directory() { en: "it is a directory", zh: "它是目录" }
    pub(crate) fn is_no_regular_file() { en: "it is not a regular file", zh: "它不是普通文件" }
    pub(crate) fn no_such_file() {
        en: "no such file; 'ticket-mutex restock 5' makes one", zh: "没有这个文件;'ticket-mutex restock 5' 会创建它"
    }
    pub(crate) fn is_on_a_network() {
        en: "it is on a network file system, where the two kinds of locks on it exclude each other; name a file of a local disk with --file",
        zh: "它在网络文件系统上,在那里两种锁会互相排斥;请用 --file 换一个本地磁盘上的文件"
    }
    pub(crate) fn no_room_in_the_sector(tickets) {
        en: "a file of more than 512 bytes is changed within one sector, and there is no room for the number {tickets} there; put blanks before the old number",
        zh: "超过 512 字节的文件只在一个扇区内修改,而那里放不下 {tickets};请在原来的数前面加空格"
    }
    pub(crate) fn a_file_in_memory() { en: "a file in memory", zh: "内存中的文件" }
    pub(crate) fn no_folder_can_be_made(folder, why) {
        en: "no folder {folder} can be made: {why}; name another file with --file",
        zh: "不能创建目录 {folder}:{why};请用 --file 换一个文件"
    }
    pub(crate) fn there_is_no_folder(folder) {
        en: "there is no folder {folder}; make it, or name another file with --file",
        zh: "没有目录 {folder};请创建它,或用 --file 换一个文件"
    }
    pub(crate) fn lock_on(path) { en: "the lock on {path}", zh: "{path} 上的锁" }
    pub(crate) fn record_lock_on(path) { en: "the record lock on {path}", zh: "{path} 上的记录锁" }
    pub(crate) fn lock_is_the_scene(scene) {
        en: "--lock is the scene '{scene}'; leave out --scene", zh: "--lock 就是场景 '{scene}';请去掉 --scene"
    }

    // The commands.
    pub(crate) fn tickets_left(left) { en: "{left} tickets left", one(left): "{left} ticket left", zh: "余票:{left}" }
    pub(crate) fn gets_a_ticket(name) { en: "{name} gets a ticket", zh: "{name} 买到一张票" }
    pub(crate) fn restocked(tickets) {
        en: "{tickets} tickets from now on", one(tickets): "{tickets} ticket from now on", zh: "现有余票:{tickets}"
    }
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
