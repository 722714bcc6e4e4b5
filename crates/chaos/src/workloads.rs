//! The arenas.

pub(crate) mod daemons;
pub(crate) mod joinable;
pub(crate) mod mutex;
pub(crate) mod queue;
pub(crate) mod tickets;
