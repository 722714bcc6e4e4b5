//! What connections moved, and how they ended.

/// The bytes of one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

/// The counts of all connections.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) connections: u64,
    /// Connections that the client broke off.
    pub(crate) broken: u64,
    /// Connections that the server closed because no byte moved on them.
    pub(crate) idle: u64,
    /// Connections that the server cut off at its end, before the client had its whole answer.
    pub(crate) cut_off: u64,
    pub(crate) received: u64,
    pub(crate) sent: u64,
    /// Bytes that were received and not sent back, on connections that ended well.
    pub(crate) missing: u64,
    /// Clients that were accepted and not served, because the system gave no thread for them.
    pub(crate) turned_away: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.connections += other.connections;
        self.broken += other.broken;
        self.idle += other.idle;
        self.cut_off += other.cut_off;
        self.received += other.received;
        self.sent += other.sent;
        self.missing += other.missing;
        self.turned_away += other.turned_away;
    }
}

/// A number of bytes, as [`Traffic`] counts them.
pub(crate) fn bytes(count: usize) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}
