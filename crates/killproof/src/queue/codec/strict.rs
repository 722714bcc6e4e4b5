//! A serializer around another one that refuses what could not be read again: nesting without end, an option
//! whose content is written as nothing, and a container that has another length than it says.

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// How deep a queue's value may be nested, in levels. Each sequence, map, tuple, struct, newtype, variant with
/// content and `Some` is a level.
///
/// To read JSON that is nested so deep takes less than 1 MiB of the consumer's stack in a debug build, which is
/// half of what a thread has by default. `serde_json` itself reads 128 levels.
pub const MAX_DEPTH: u32 = 256;

/// A value that is serialised strictly.
pub(super) struct Strict<'a, T: ?Sized> {
    value: &'a T,
    place: Place,
}

/// Where in the whole value a part of it is.
#[derive(Clone, Copy)]
struct Place {
    depth: u32,
    /// It is the content of a `Some`.
    in_some: bool,
}

impl<'a, T: ?Sized> Strict<'a, T> {
    /// A value that is no part of another one.
    #[inline]
    pub(super) fn whole(value: &'a T) -> Self {
        Self { value, place: Place { depth: 0, in_some: false } }
    }
}

impl<T: ?Sized + Serialize> Serialize for Strict<'_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, inner: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(StrictSerializer { inner, place: self.place })
    }
}

impl Place {
    /// The place of what is in this one.
    #[inline]
    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH { Err(too_deep()) } else { Ok(Self { depth: self.depth + 1, in_some: false }) }
    }

    /// It holds what is written as nothing.
    #[inline]
    fn nothing<E: Error>(self) -> Result<(), E> {
        if self.in_some { Err(nothing_in_some()) } else { Ok(()) }
    }
}

#[cold]
fn too_deep<E: Error>() -> E {
    E::custom(format_args!("it is nested deeper than {MAX_DEPTH} levels"))
}

#[cold]
fn nothing_in_some<E: Error>() -> E {
    E::custom("Some of a value that is written as nothing, as () and None are, would be read as None")
}

#[cold]
fn other_length<E: Error>() -> E {
    E::custom("a part of it has another length than its Serialize says")
}

struct StrictSerializer<S> {
    inner: S,
    place: Place,
}

impl<S: Serializer> StrictSerializer<S> {
    /// What is serialised in several steps: `parts` of them, if that is known.
    #[inline]
    fn parts<C>(self, parts: Option<usize>, open: impl FnOnce(S) -> Result<C, S::Error>) -> Result<Parts<C>, S::Error> {
        let place = self.place.inside()?;
        Ok(Parts { inner: open(self.inner)?, place, left: parts })
    }
}

/// Calls that take a value as it is.
macro_rules! plain {
    ($($method:ident: $type:ty)*) => { $(
        #[inline]
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        }
    )* };
}

impl<S: Serializer> Serializer for StrictSerializer<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Parts<S::SerializeSeq>;
    type SerializeTuple = Parts<S::SerializeTuple>;
    type SerializeTupleStruct = Parts<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Parts<S::SerializeTupleVariant>;
    type SerializeMap = Parts<S::SerializeMap>;
    type SerializeStruct = Parts<S::SerializeStruct>;
    type SerializeStructVariant = Parts<S::SerializeStructVariant>;

    plain! {
        serialize_bool: bool
        serialize_i8: i8 serialize_i16: i16 serialize_i32: i32 serialize_i64: i64 serialize_i128: i128
        serialize_u8: u8 serialize_u16: u16 serialize_u32: u32 serialize_u64: u64 serialize_u128: u128
        serialize_f32: f32 serialize_f64: f64
        serialize_char: char serialize_str: &str serialize_bytes: &[u8]
        serialize_unit_struct: &'static str
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }

    #[inline]
    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.place.nothing()?;
        self.inner.serialize_none()
    }

    #[inline]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<S::Ok, S::Error> {
        let place = Place { in_some: true, ..self.place.inside()? };
        self.inner.serialize_some(&Strict { value, place })
    }

    #[inline]
    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.place.nothing()?;
        self.inner.serialize_unit()
    }

    #[inline]
    fn serialize_unit_variant(self, name: &'static str, index: u32, variant: &'static str) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, index, variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        // It is written as its content is.
        let place = Place { in_some: self.place.in_some, ..self.place.inside()? };
        self.inner.serialize_newtype_struct(name, &Strict { value, place })
    }

    #[inline]
    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let place = self.place.inside()?;
        self.inner.serialize_newtype_variant(name, index, variant, &Strict { value, place })
    }

    #[inline]
    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.parts(length, |inner| inner.serialize_seq(length))
    }

    #[inline]
    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.parts(Some(length), |inner| inner.serialize_tuple(length))
    }

    #[inline]
    fn serialize_tuple_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.parts(Some(length), |inner| inner.serialize_tuple_struct(name, length))
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.parts(Some(length), |inner| inner.serialize_tuple_variant(name, index, variant, length))
    }

    #[inline]
    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        // Keys and values.
        let parts = length.map(|length| length.saturating_mul(2));
        self.parts(parts, |inner| inner.serialize_map(length))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeStruct, S::Error> {
        self.parts(Some(length), |inner| inner.serialize_struct(name, length))
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.parts(Some(length), |inner| inner.serialize_struct_variant(name, index, variant, length))
    }
}

/// A part of a value that has parts itself.
struct Parts<C> {
    inner: C,
    /// Of each of its parts.
    place: Place,
    /// How many parts are to come, if it said so.
    left: Option<usize>,
}

impl<C> Parts<C> {
    /// The next part.
    #[inline]
    fn next<'a, T: ?Sized, E: Error>(&mut self, value: &'a T) -> Result<Strict<'a, T>, E> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1).ok_or_else(other_length)?;
        }
        Ok(Strict { value, place: self.place })
    }

    #[inline]
    fn into_inner<E: Error>(self) -> Result<C, E> {
        if self.left.is_none_or(|left| left == 0) { Ok(self.inner) } else { Err(other_length()) }
    }
}

macro_rules! parts {
    ($($trait:ident: $($method:ident($($key:ident: $type:ty)?)),*;)*) => { $(
        impl<C: $trait> $trait for Parts<C> {
            type Ok = C::Ok;
            type Error = C::Error;

            $(#[inline]
            fn $method<T: ?Sized + Serialize>(&mut self, $($key: $type,)? value: &T) -> Result<(), C::Error> {
                let value = self.next(value)?;
                self.inner.$method($($key,)? &value)
            })*

            #[inline]
            fn end(self) -> Result<C::Ok, C::Error> {
                self.into_inner()?.end()
            }
        }
    )* };
}
parts! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeMap: serialize_key(), serialize_value();
    SerializeStruct: serialize_field(key: &'static str);
    SerializeStructVariant: serialize_field(key: &'static str);
}
