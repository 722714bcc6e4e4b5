//! What this program says, apart from its page, in each language.

common::words! {
    pub(crate) fn no_such_row(part) {
        en: "no row's name contains '{part}'; see --list", zh: "没有一行的名称含有 '{part}';各行见 --list"
    }
    pub(crate) fn not_every_row() { en: "not every row was measured", zh: "有的行没有测量" }
    pub(crate) fn a_servers_output() { en: "a server's output", zh: "服务器的输出" }
    pub(crate) fn by_tokio() { en: "by tokio", zh: "tokio 服务器" }
    pub(crate) fn a_memfd() { en: "a memfd", zh: "内存中的文件" }
    pub(crate) fn is_and_must_be(what, observed, expected) {
        en: "{what} is {observed} and must be {expected}", zh: "{what} 是 {observed},必须是 {expected}"
    }
    pub(crate) fn is_poisoned() { en: "it is poisoned", zh: "它的持有者 panic 了" }
    pub(crate) fn time_too_short() { en: "the time was too short", zh: "时间太短" }
    pub(crate) fn factor_is_a_number() {
        en: "a factor is a number from 0.001 to 100", zh: "倍数是 0.001 到 100 之间的数"
    }
}
