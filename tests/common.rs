//! What the toolkit promises.

fn main() {}
