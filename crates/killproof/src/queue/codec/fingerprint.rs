//! A number that two values of a type share if their `Serialize` says the same of both.
//!
//! The elements of a sequence and the entries of a map count without their order: that of a hash set or a hash map is
//! another one in each copy.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// `None` if it cannot be serialised.
pub(super) fn fingerprint<T: ?Sized + Serialize>(value: &T) -> Option<u64> {
    of(value).ok()
}

fn of<T: ?Sized + Serialize>(value: &T) -> Result<u64, fmt::Error> {
    value.serialize(Fingerprint)
}

fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

struct Fingerprint;

/// What has parts.
struct Parts {
    /// Of what is known of the whole.
    hasher: DefaultHasher,
    /// The sum of the parts that have no order.
    sum: u64,
    /// Of the last key of a map.
    key: u64,
}

impl Parts {
    fn new(whole: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        whole.hash(&mut hasher);
        Self { hasher, sum: 0, key: 0 }
    }

    fn add_in_order(&mut self, part: impl Hash) {
        part.hash(&mut self.hasher);
    }

    fn add(&mut self, part: impl Hash) {
        self.sum = self.sum.wrapping_add(hash(part));
    }

    fn number(mut self) -> u64 {
        self.sum.hash(&mut self.hasher);
        self.hasher.finish()
    }
}

macro_rules! plain {
    ($($method:ident: $type:ty, $value:ident => $hashed:expr;)*) => { $(
        fn $method(self, $value: $type) -> Result<u64, fmt::Error> {
            Ok(hash((stringify!($method), $hashed)))
        }
    )* };
}

impl Serializer for Fingerprint {
    type Ok = u64;
    type Error = fmt::Error;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    plain! {
        serialize_bool: bool, value => value;
        serialize_i8: i8, value => value;
        serialize_i16: i16, value => value;
        serialize_i32: i32, value => value;
        serialize_i64: i64, value => value;
        serialize_i128: i128, value => value;
        serialize_u8: u8, value => value;
        serialize_u16: u16, value => value;
        serialize_u32: u32, value => value;
        serialize_u64: u64, value => value;
        serialize_u128: u128, value => value;
        serialize_f32: f32, value => value.to_bits();
        serialize_f64: f64, value => value.to_bits();
        serialize_char: char, value => value;
        serialize_str: &str, value => value;
        serialize_bytes: &[u8], value => value;
        serialize_unit_struct: &'static str, name => name;
    }

    fn is_human_readable(&self) -> bool {
        false // nor are messages
    }

    fn serialize_none(self) -> Result<u64, fmt::Error> {
        Ok(hash("none"))
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<u64, fmt::Error> {
        Ok(hash(("some", of(value)?)))
    }

    fn serialize_unit(self) -> Result<u64, fmt::Error> {
        Ok(hash("unit"))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<u64, fmt::Error> {
        Ok(hash(("variant", variant)))
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, name: &'static str, value: &T) -> Result<u64, fmt::Error> {
        Ok(hash((name, of(value)?)))
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<u64, fmt::Error> {
        Ok(hash((variant, of(value)?)))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, fmt::Error> {
        Ok(Parts::new("seq"))
    }

    fn serialize_tuple(self, length: usize) -> Result<Parts, fmt::Error> {
        Ok(Parts::new(length))
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Parts, fmt::Error> {
        Ok(Parts::new(name))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, fmt::Error> {
        Ok(Parts::new(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, fmt::Error> {
        Ok(Parts::new("map"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts, fmt::Error> {
        Ok(Parts::new(name))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, fmt::Error> {
        Ok(Parts::new(variant))
    }
}

impl SerializeSeq for Parts {
    type Ok = u64;
    type Error = fmt::Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.add(of(value)?);
        Ok(())
    }

    fn end(self) -> Result<u64, fmt::Error> {
        Ok(self.number())
    }
}

impl SerializeMap for Parts {
    type Ok = u64;
    type Error = fmt::Error;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), fmt::Error> {
        self.key = of(key)?;
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.add((self.key, of(value)?));
        Ok(())
    }

    fn end(self) -> Result<u64, fmt::Error> {
        Ok(self.number())
    }
}

macro_rules! in_order {
    ($($trait:ident: $method:ident($($key:ident: $type:ty)?);)*) => { $(
        impl $trait for Parts {
            type Ok = u64;
            type Error = fmt::Error;

            fn $method<T: ?Sized + Serialize>(&mut self, $($key: $type,)? value: &T) -> Result<(), fmt::Error> {
                let value = of(value)?;
                self.add_in_order(($($key,)? value));
                Ok(())
            }

            fn end(self) -> Result<u64, fmt::Error> {
                Ok(self.number())
            }
        }
    )* };
}
in_order! {
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeStruct: serialize_field(key: &'static str);
    SerializeStructVariant: serialize_field(key: &'static str);
}
