//! The files that the report is made of. Their lists are made by `build.rs`.

include!(concat!(env!("OUT_DIR"), "/files.rs"));
