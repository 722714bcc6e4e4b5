//! The tests of what the build script is made of.
#![expect(dead_code, reason = "the build script itself calls more than the tests do")]

mod examples;
mod manifest;
mod scenes;
