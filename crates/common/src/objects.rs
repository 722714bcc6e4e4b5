//! What the system may refuse in more than one program, as an error names it. A section that uses a thing of its own
//! has its name in its table of words.

use std::net::SocketAddr;

use crate::words::Text;

/// `127.0.0.1:8005 or [::1]:8005`
#[must_use]
pub fn alternatives(addresses: &[SocketAddr]) -> Text {
    addresses.iter().map(Text::verbatim).reduce(or).unwrap_or_else(|| "".into())
}

crate::words! {
    /// A connection between two processes, in one direction.
    pub fn a_pipe() { en: "a pipe", zh: "管道" }
    /// A thread of this process.
    pub fn a_thread() { en: "a thread", zh: "线程" }
    /// Two sockets that are connected.
    pub fn a_socket_pair() { en: "a socket pair", zh: "一对套接字" }
    /// What many descriptors are waited for.
    pub fn events() { en: "events", zh: "事件" }
    /// How long processors worked for a process.
    pub fn processor_time() { en: "processor time", zh: "处理器时间" }
    /// Standard output.
    pub fn standard_output() { en: "standard output", zh: "标准输出" }
    /// Standard error.
    pub fn standard_error() { en: "standard error", zh: "标准错误" }
    fn or(first, next) { en: "{first} or {next}", zh: "{first} 或 {next}" }
    /// The thread that writes to a stream.
    pub fn writer_of(stream) { en: "the writer of {stream}", zh: "{stream}的写入线程" }
    /// The process that reads a stream.
    pub fn reader_of(stream) { en: "the reader of {stream}", zh: "{stream}的读者" }
}
