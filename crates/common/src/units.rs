//! The units of figures. The English word is the unit's name in JSON; a section that counts things of its own has
//! their unit in its table of words.

crate::words! {
    /// Seconds.
    pub fn s() { en: "s", zh: "秒" }
    /// Milliseconds.
    pub fn ms() { en: "ms", zh: "毫秒" }
    /// Microseconds.
    pub fn us() { en: "µs", zh: "微秒" }
    /// How many times, or how many times as much.
    pub fn times() { en: "times", zh: "倍" }
    /// How often.
    pub fn count() { en: "times", zh: "次" }
    /// Bytes.
    pub fn bytes() { en: "bytes", zh: "字节" }
    /// Thousands of bytes.
    pub fn kilobytes() { en: "kB", zh: "千字节" }
    /// Clients of a server.
    pub fn clients() { en: "clients", zh: "个客户端" }
}
