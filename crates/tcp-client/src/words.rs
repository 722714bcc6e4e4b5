//! What this section says, claims and measures, in each language.

use common::words::Text;
use load::PlanError;

/// Why a plan describes no load.
pub(crate) fn wrong_plan(wrong: PlanError) -> Text {
    match wrong {
        PlanError::NoAddress => no_address(),
        PlanError::NoConnection => no_connection(),
        PlanError::EmptyMessage => empty_message(),
        PlanError::LongMessage => long_message(),
        PlanError::Rate => rate_is_above_0(),
        PlanError::NoTime => no_time(),
        PlanError::NoRoundTrip => no_round_trip(),
        PlanError::NoTimeout => no_timeout(),
        other => other.to_string().into(),
    }
}

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
             {longest} µs (longest); reconnects: {reconnects}",
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
        one(connections, bytes): "{connections} connection {until}, {bytes} byte a message; {loop_kind}",
        one(connections): "{connections} connection {until}, {bytes} bytes a message; {loop_kind}",
        one(bytes): "{connections} connections {until}, {bytes} byte a message; {loop_kind}",
        zh: "{connections} 个连接,{until},每条消息 {bytes} 字节;{loop_kind}"
    }
    pub(crate) fn for_seconds(seconds) { en: "for {seconds} s", zh: "持续 {seconds} 秒" }
    pub(crate) fn with_answers(count) {
        en: "with {count} answers each", one(count): "with {count} answer each", zh: "各 {count} 个回复"
    }
    pub(crate) fn closed_loop() { en: "a closed loop", zh: "闭环" }
    pub(crate) fn open_loop(rate) { en: "an open loop of {rate} a second", zh: "开环,每秒 {rate} 条" }
    pub(crate) fn trouble(lost, given_up, refused, last) {
        en: "connections lost: {lost}, timed out: {given_up}, refused: {refused}; the last one: {last}",
        zh: "断开的连接:{lost},因没有回复而放弃:{given_up},被拒绝的连接尝试:{refused};最后一次:{last}"
    }
    pub(crate) fn rate_not_reached(due, reached, unsent) {
        en: "the rate was not reached: {due} messages a second were due, {reached} a second were answered; never sent, \
             and so in no latency: {unsent}",
        one(due): "the rate was not reached: {due} message a second was due, {reached} a second were answered; never \
             sent, and so in no latency: {unsent}",
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
        en: "{connected} of {all} connections, {answered} answers",
        one(answered): "{connected} of {all} connections, {answered} answer",
        zh: "{connected}/{all} 个连接,{answered} 个回复"
    }
    pub(crate) fn closing(connected) {
        en: "closing {connected} connections", one(connected): "closing {connected} connection", zh: "正在关闭 {connected} 个连接"
    }

    // predict, then run
    pub(crate) fn how_long_is_a_round_trip() {
        en: "With tcp-server in another terminal: does a round trip take microseconds, milliseconds or seconds?",
        zh: "先在另一个终端运行 tcp-server。一次往返要多久:几微秒、几毫秒,还是几秒?"
    }

    // refused options, errors
    pub(crate) fn no_round_trip() {
        en: "a count of 0 leaves nothing to do; it is a number from 1 up", zh: "次数是 0 就没有事可做;它是不小于 1 的数"
    }
    pub(crate) fn is_for_a_load(option) {
        en: "{option} is for a load; say with --connections on how many at once",
        zh: "{option} 用于负载;请用 --connections 说明同时有多少个连接"
    }
    pub(crate) fn two_ends() {
        en: "--count and --duration both say when it ends; leave out one of them",
        zh: "--count 和 --duration 都说明何时结束;请去掉其中一个"
    }
    pub(crate) fn talk_has_one_connection() {
        en: "the scene talk has one connection; leave out --connections", zh: "场景 talk 只有一个连接;请去掉 --connections"
    }
    pub(crate) fn load_needs_connections() {
        en: "the scene load needs --connections, a number from 1 up", zh: "场景 load 需要 --connections,它是不小于 1 的数"
    }
    pub(crate) fn at_most_64_mib() { en: "a message has at most 64 MiB", zh: "消息最多 64 MiB" }
    pub(crate) fn empty_message() {
        en: "the message is empty, and nothing would come back; say something", zh: "消息是空的,不会有回复;请说点什么"
    }
    fn no_address() { en: "there is no address to connect to", zh: "没有可以连接的地址" }
    fn no_connection() { en: "0 connections are no load; it is a number from 1 up", zh: "0 个连接不是负载;它是不小于 1 的数" }
    fn long_message() { en: "the message is longer than 64 MiB", zh: "消息超过 64 MiB" }
    fn rate_is_above_0() {
        en: "a rate is a number of messages a second above 0", zh: "速率是每秒发送的消息数,大于 0"
    }
    fn no_time() {
        en: "a duration of 0 leaves no time to do anything; it is a number of seconds above 0",
        zh: "时长是 0 就什么也来不及做;它是大于 0 的秒数"
    }
    fn no_timeout() {
        en: "no answer comes within a timeout of 0; it is a number of seconds above 0",
        zh: "超时是 0 就等不到回复;它是大于 0 的秒数"
    }
    pub(crate) fn too_many_connections(connections, limit, most) {
        en: "{connections} connections are more than the limit of {limit} open files allows, which is {most}; `ulimit -n` shows and sets it",
        one(connections): "{connections} connection is more than the limit of {limit} open files allows, which is {most}; `ulimit -n` shows and sets it",
        zh: "{connections} 个连接太多:打开文件数的上限是 {limit},最多 {most} 个;用 `ulimit -n` 查看和设置"
    }
    pub(crate) fn a_connection() { en: "a connection", zh: "连接" }
    pub(crate) fn no_answer_within(seconds) { en: "no answer within {seconds} s", zh: "{seconds} 秒内没有回答" }
    pub(crate) fn start_the_server(cause) {
        en: "{cause}; start tcp-server there first, or say with --port where it listens",
        zh: "{cause};请先在那里启动 tcp-server,或用 --port 说明它在哪个端口监听"
    }
    pub(crate) fn again_in_tries(addresses, tries) {
        en: "{addresses} again, in {tries} tries", one(tries): "{addresses} again, in {tries} try", zh: "{addresses}(又试了 {tries} 次)"
    }
    pub(crate) fn seconds_are_above_0() { en: "it is a number of seconds above 0", zh: "应当是大于 0 的秒数" }

    // units
    pub(crate) fn messages() { en: "messages", zh: "条消息" }
    pub(crate) fn messages_a_second() { en: "messages/s", zh: "条消息每秒" }
    pub(crate) fn answers_a_second() { en: "answers/s", zh: "个回复每秒" }
    pub(crate) fn answers_up_to_us() { en: "answers up to µs", zh: "个回复,到多少微秒为止" }
}
