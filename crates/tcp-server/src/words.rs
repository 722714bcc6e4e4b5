//! What this section says, claims and measures, in each language.

common::words! {
    /// In every language alike: programs wait for this line.
    pub(crate) fn listening(address) { en: "listening on {address}", zh: "listening on {address}" }
    pub(crate) fn no_new_clients() {
        en: "no new clients; answering what has come", zh: "不再接受新的客户端;把已经收到的内容回复完"
    }

    // actors
    pub(crate) fn client(port) { en: "client {port}", zh: "客户端 {port}" }
    pub(crate) fn clients() { en: "clients", zh: "客户端" }
    pub(crate) fn worker(number) { en: "worker {number}", zh: "工作线程 {number}" }
    pub(crate) fn event_loop(number) { en: "loop {number}", zh: "事件循环 {number}" }

    // claims
    pub(crate) fn all_sent_back() {
        en: "no byte of a client that stays connected is missing from what is sent back",
        zh: "只要客户端没有中途断开,发回去的就不缺一个字节"
    }
    pub(crate) fn none_cut_off() {
        en: "no client is cut off at the end: each gets its whole answer in time",
        zh: "结束时没有客户端被强行断开:每个都及时收到全部回复"
    }
    pub(crate) fn all_closed() {
        en: "at the end every connection is closed: as many sockets are open as at the start",
        zh: "结束时所有连接都已关闭:打开的套接字和开始时一样多"
    }

    // figures
    pub(crate) fn connections() { en: "connections", zh: "连接" }
    pub(crate) fn at_once() { en: "at once, at most", zh: "最多同时" }
    pub(crate) fn broken_off() { en: "broken off", zh: "中途断开" }
    pub(crate) fn closed_as_idle() { en: "closed as idle", zh: "因空闲而关闭" }
    pub(crate) fn turned_away() { en: "turned away", zh: "被拒绝" }
    pub(crate) fn bytes_in() { en: "bytes in", zh: "收到" }
    pub(crate) fn bytes_out() { en: "bytes out", zh: "发回" }
    pub(crate) fn lines_dropped() { en: "lines dropped", zh: "丢弃的输出行" }

    // predict, then run
    pub(crate) fn is_a_connection_left_open() {
        en: "Let a client connect, and end the server by Ctrl-C. Is any of its connections left open?",
        zh: "让一个客户端连上,再用 Ctrl-C 结束服务器。还有连接留着没有关闭吗?"
    }

    // refused options
    pub(crate) fn timeout_is_a_number() {
        en: "a timeout is a number of seconds from 0.001 to 1000000", zh: "超时是 0.001 到 1000000 之间的秒数"
    }

    // units
    pub(crate) fn lines() { en: "lines", zh: "行" }
}
