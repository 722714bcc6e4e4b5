//! What this program says, apart from its page, in each language.

common::words! {
    pub(crate) fn factor_is_a_number() {
        en: "a factor is a number from 0.001 to 100", zh: "倍数是 0.001 到 100 之间的数"
    }
}
