//! What this section says, claims and measures, in each language.

common::words! {
    /// In every language alike: programs wait for this line.
    pub(crate) fn listening(address) { en: "listening on {address}", zh: "listening on {address}" }
    pub(crate) fn no_new_clients() {
        en: "no new clients; answering what has come", zh: "不再接受新的客户端;把已经收到的内容回复完"
    }

    // errors and trouble with clients
    pub(crate) fn workers_are_of_other_models() {
        en: "--workers is for --model pool and events; threads has one for each connection",
        zh: "--workers 属于 --model pool 和 events;threads 为每个连接各用一个线程"
    }
    pub(crate) fn limit_of_open_files(limit) {
        en: "the limit of open files is {limit}", zh: "打开文件数的上限是 {limit}"
    }
    pub(crate) fn clients_at_once(number) {
        en: "{number} clients at once", one(number): "{number} client", zh: "同时 {number} 个客户端"
    }
    pub(crate) fn a_single_client() { en: "a single client", zh: "哪怕一个客户端" }
    pub(crate) fn limit_and_ulimit(cause, limit) {
        en: "{cause}; the limit is {limit}, `ulimit -n` shows and sets it",
        zh: "{cause};上限是 {limit},用 `ulimit -n` 查看和设置"
    }
    pub(crate) fn an_event_counter() { en: "an event counter", zh: "事件计数器" }
    pub(crate) fn an_event_loop() { en: "an event loop", zh: "事件循环" }
    pub(crate) fn every_worker_is_gone() { en: "every worker is gone", zh: "工作线程都已结束" }
    pub(crate) fn port_in_use(cause, port) {
        en: "{cause}; `ss -tlnp 'sport = :{port}'` shows which program has it, --port 0 takes a free one",
        zh: "{cause};`ss -tlnp 'sport = :{port}'` 显示哪个程序占用了它,--port 0 使用空闲的端口"
    }
    pub(crate) fn port_needs_privilege(cause) {
        en: "{cause}; ports from 1024 up need no privilege, --port 0 takes a free one",
        zh: "{cause};1024 以上的端口不需要特权,--port 0 使用空闲的端口"
    }
    pub(crate) fn trying_again(cause) {
        en: "cannot accept a client: {cause}; trying again", zh: "无法接受客户端:{cause};再试"
    }
    pub(crate) fn is_turned_away(error, client) {
        en: "{error}; {client} is turned away", zh: "{error};拒绝了{client}"
    }
    pub(crate) fn half_closed(client, bytes) {
        en: "{client} has closed its side, and waits for {bytes} bytes of its answer",
        one(bytes): "{client} has closed its side, and waits for {bytes} byte of its answer",
        zh: "{client} 关闭了自己一侧,还在等待回复中的 {bytes} 字节"
    }
    pub(crate) fn not_read_fast_enough(lines) {
        en: "standard output is not read fast enough: lines dropped so far: {lines}",
        zh: "标准输出读得不够快:至今丢弃 {lines} 行"
    }
    pub(crate) fn cannot_serve(client, cause) { en: "cannot serve {client}: {cause}", zh: "无法服务{client}:{cause}" }
    pub(crate) fn and_more(line, number) {
        en: "{line} (and {number} more since the last such line)", zh: "{line}(上一行之后还有 {number} 行同类的)"
    }
    pub(crate) fn were_suppressed(number, topic) {
        en: "{number} more lines about {topic} were suppressed",
        one(number): "{number} more line about {topic} was suppressed",
        zh: "另有 {number} 行关于{topic}的没有显示"
    }
    pub(crate) fn accepting_clients() { en: "accepting clients", zh: "接受客户端" }
    pub(crate) fn serving_clients() { en: "serving clients", zh: "服务客户端" }
    pub(crate) fn half_closed_connections() { en: "half-closed connections", zh: "半关闭的连接" }

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
