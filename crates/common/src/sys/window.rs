//! How large the terminal is.

use std::os::fd::{AsFd, AsRawFd};

/// How many columns the terminal behind a descriptor has. `None` if it is no terminal, or one that
/// does not say.
pub(crate) fn columns(terminal: impl AsFd) -> Option<usize> {
    size(terminal).map(|(columns, _)| columns).filter(|columns| *columns > 0)
}

/// Its columns and its rows; either is 0 if it does not say.
pub(crate) fn size(terminal: impl AsFd) -> Option<(usize, usize)> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the descriptor is open as long as it is borrowed, and the kernel writes one `winsize`
    // to the address of one that lives until the call returns.
    let answer = unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
    (answer == 0).then(|| (size.ws_col.into(), size.ws_row.into()))
}
