//! What can be a text, or an argument of one.

use std::net::SocketAddr;
use std::path;

use super::{Arg, Text};

impl From<String> for Text {
    fn from(text: String) -> Self {
        let render = |args: &[Arg], lang| args.iter().map(|arg| arg.in_lang(lang).to_string()).collect();
        Self { entry: None, args: vec![Arg::String(text)], render }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<std::borrow::Cow<'_, str>> for Text {
    fn from(text: std::borrow::Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

/// A path.
impl From<path::Display<'_>> for Text {
    fn from(path: path::Display<'_>) -> Self {
        path.to_string().into()
    }
}

impl From<SocketAddr> for Text {
    fn from(address: SocketAddr) -> Self {
        address.to_string().into()
    }
}

impl From<&Self> for Text {
    fn from(text: &Self) -> Self {
        text.clone()
    }
}

impl From<Text> for Arg {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&Text> for Arg {
    fn from(text: &Text) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

/// A path.
impl From<path::Display<'_>> for Arg {
    fn from(path: path::Display<'_>) -> Self {
        Self::String(path.to_string())
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::String(text.clone())
    }
}

/// A number that JSON cannot write (infinity) is its word.
impl From<f64> for Arg {
    fn from(number: f64) -> Self {
        serde_json::Number::from_f64(number).map_or_else(|| Self::String(number.to_string()), Self::Number)
    }
}

macro_rules! integers {
    ($($name:ty)*) => { $(
        impl From<$name> for Arg {
            fn from(number: $name) -> Self {
                Self::Number(number.into())
            }
        }
    )* };
}
integers! { u8 u16 u32 u64 usize i8 i16 i32 i64 isize }
