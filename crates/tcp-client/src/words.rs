//! What this section says, claims and measures, in each language.

common::words! {
    pub(crate) fn right_answers() {
        en: "no answer is wrong: each is what was sent, ASCII letters in upper case",
        zh: "没有错误的回复:每个回复都是发出的内容,ASCII 字母变成大写"
    }
    pub(crate) fn connections() { en: "connections", zh: "连接" }
    pub(crate) fn sent() { en: "sent", zh: "发出" }
    pub(crate) fn answered() { en: "answered", zh: "收到回复" }

    // talk
    pub(crate) fn nothing_after_the_last() {
        en: "no byte comes after the last answer: there are as many answers as messages",
        zh: "发几条消息就有几个回复:最后一个回复之后没有多出的字节"
    }
    pub(crate) fn closed_in_time() {
        en: "when the client has closed its side, the server closes the other one within the timeout",
        zh: "客户端关闭自己这一侧后,服务器在超时之前关闭另一侧"
    }
    pub(crate) fn connection_lost(reason, number, most) {
        en: "connection lost: {reason}; connecting again, try {number} of {most}",
        zh: "连接断开:{reason};重新连接,第 {number} 次,最多 {most} 次"
    }
    pub(crate) fn summed_up(sent, answered, wrong, median, longest, reconnects) {
        en: "{sent} sent, {answered} answered, {wrong} of them wrong; round trip {median} µs (median), \
             {longest} µs (longest); {reconnects} reconnects",
        zh: "发出 {sent} 条,收到 {answered} 个回复,其中 {wrong} 个错误;往返 {median} 微秒(中位数),\
             {longest} 微秒(最长);重连 {reconnects} 次"
    }
    pub(crate) fn round_trip_median() { en: "round trip, median", zh: "往返时间,中位数" }
    pub(crate) fn round_trip_longest() { en: "round trip, longest", zh: "往返时间,最长" }
    pub(crate) fn reconnects() { en: "reconnects", zh: "重连" }

    // load
    pub(crate) fn all_answered() {
        en: "at the end no message that was sent is without an answer",
        zh: "结束时发出的每条消息都有回复,没有一条落下"
    }
    pub(crate) fn nothing_but_answers() {
        en: "the server sends nothing but answers: no surplus byte comes", zh: "服务器只发送回复:没有多出的字节"
    }
    pub(crate) fn load_begins(connections, until, bytes, loop_kind) {
        en: "{connections} connections {until}, {bytes} bytes a message; {loop_kind}",
        zh: "{connections} 个连接,{until},每条消息 {bytes} 字节;{loop_kind}"
    }
    pub(crate) fn for_seconds(seconds) { en: "for {seconds} s", zh: "持续 {seconds} 秒" }
    pub(crate) fn with_answers(count) { en: "with {count} answers each", zh: "各 {count} 个回复" }
    pub(crate) fn closed_loop() { en: "a closed loop", zh: "闭环" }
    pub(crate) fn open_loop(rate) { en: "an open loop of {rate} a second", zh: "开环,每秒 {rate} 条" }
    pub(crate) fn trouble(lost, given_up, refused, last) {
        en: "connections lost: {lost}, timed out: {given_up}, refused: {refused}; the last one: {last}",
        zh: "断开的连接:{lost},因没有回复而放弃:{given_up},被拒绝的连接尝试:{refused};最后一次:{last}"
    }
    pub(crate) fn rate_not_reached(due, reached, unsent) {
        en: "the rate was not reached: {due} messages a second were due, {reached} were answered; {unsent} were \
             never sent, so no latency includes them",
        zh: "达不到这个速率:要求每秒 {due} 条,实际每秒 {reached} 条;有 {unsent} 条到了时间却没有发出,延迟中没有它们"
    }
    pub(crate) fn connecting() { en: "connecting", zh: "建立连接" }
    pub(crate) fn lasted() { en: "lasted", zh: "持续" }
    pub(crate) fn connections_lost() { en: "connections lost", zh: "断开的连接" }
    pub(crate) fn answers_given_up() { en: "answers given up", zh: "放弃的回复" }
    pub(crate) fn tries_refused() { en: "tries to connect refused", zh: "被拒绝的连接尝试" }
    pub(crate) fn rate_asked_for() { en: "rate asked for", zh: "要求的速率" }
    pub(crate) fn never_sent() { en: "due and never sent", zh: "到了时间却没有发出" }
    pub(crate) fn throughput() { en: "throughput", zh: "吞吐量" }
    pub(crate) fn latency_p50() { en: "latency, p50", zh: "延迟,p50" }
    pub(crate) fn latency_p90() { en: "latency, p90", zh: "延迟,p90" }
    pub(crate) fn latency_p99() { en: "latency, p99", zh: "延迟,p99" }
    pub(crate) fn latency_p99_9() { en: "latency, p99.9", zh: "延迟,p99.9" }
    pub(crate) fn latency_max() { en: "latency, max", zh: "延迟,最大" }
    pub(crate) fn distribution() { en: "distribution", zh: "分布" }

    // the progress bar of a load
    pub(crate) fn connected_so_far(connected, all) {
        en: "{connected} of {all} connections", zh: "已建立 {connected}/{all} 个连接"
    }
    pub(crate) fn answered_so_far(connected, all, answered) {
        en: "{connected} of {all} connections, {answered} answers", zh: "{connected}/{all} 个连接,{answered} 个回复"
    }
    pub(crate) fn closing(connected) { en: "closing {connected} connections", zh: "正在关闭 {connected} 个连接" }

    // predict, then run
    pub(crate) fn how_long_is_a_round_trip() {
        en: "With tcp-server in another terminal: does a round trip take microseconds, milliseconds or seconds?",
        zh: "先在另一个终端运行 tcp-server。一次往返要多久:几微秒、几毫秒,还是几秒?"
    }

    // refused options
    pub(crate) fn seconds_are_above_0() { en: "it is a number of seconds above 0", zh: "应当是大于 0 的秒数" }

    // units
    pub(crate) fn messages() { en: "messages", zh: "条消息" }
    pub(crate) fn messages_a_second() { en: "messages/s", zh: "条消息每秒" }
    pub(crate) fn answers_a_second() { en: "answers/s", zh: "个回复每秒" }
    pub(crate) fn answers_up_to_us() { en: "answers up to µs", zh: "个回复,到多少微秒为止" }
}
