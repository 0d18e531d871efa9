//! Bytes that are nearly always text, as text where people read them.
//!
//! On the wire they are bytes. In the files of the state directory `"PATH=/bin"` can be read, takes
//! a quarter of the room that a list of numbers takes, and a tenth of the time; only what is not
//! UTF-8 is still written as numbers. For `#[serde(with = "text_or_bytes")]` on bytes, lists of
//! them, and lists of pairs.

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What is made of bytes.
pub trait TextOrBytes: Sized {
    type Shown<'a>: Serialize
    where
        Self: 'a;
    type Read: for<'de> Deserialize<'de>;
    fn show(&self) -> Self::Shown<'_>;
    fn of(read: Self::Read) -> Self;
}

pub fn serialize<T: TextOrBytes + Serialize, S: Serializer>(
    value: &T,
    to: S,
) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() {
        value.show().serialize(to)
    } else {
        value.serialize(to)
    }
}

pub fn deserialize<'de, T: TextOrBytes + Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<T, D::Error> {
    if from.is_human_readable() {
        T::Read::deserialize(from).map(T::of)
    } else {
        T::deserialize(from)
    }
}

pub struct Shown<'a>(&'a [u8]);

pub struct Read(Vec<u8>);

impl TextOrBytes for Vec<u8> {
    type Shown<'a> = Shown<'a>;
    type Read = Read;

    fn show(&self) -> Shown<'_> {
        Shown(self)
    }

    fn of(read: Read) -> Self {
        read.0
    }
}

impl TextOrBytes for Vec<Vec<u8>> {
    type Shown<'a> = Vec<Shown<'a>>;
    type Read = Vec<Read>;

    fn show(&self) -> Vec<Shown<'_>> {
        self.iter().map(|bytes| Shown(bytes)).collect()
    }

    fn of(read: Vec<Read>) -> Self {
        read.into_iter().map(|read| read.0).collect()
    }
}

impl TextOrBytes for Vec<(Vec<u8>, Vec<u8>)> {
    type Shown<'a> = Vec<(Shown<'a>, Shown<'a>)>;
    type Read = Vec<(Read, Read)>;

    fn show(&self) -> Vec<(Shown<'_>, Shown<'_>)> {
        self.iter()
            .map(|(key, value)| (Shown(key), Shown(value)))
            .collect()
    }

    fn of(read: Vec<(Read, Read)>) -> Self {
        read.into_iter()
            .map(|(key, value)| (key.0, value.0))
            .collect()
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(self.0) {
            Ok(text) => to.serialize_str(text),
            Err(_) => self.0.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Read;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("text, or bytes as numbers")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Read, E> {
                Ok(Read(text.as_bytes().to_vec()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Read, A::Error> {
                let mut read = Vec::new();
                while let Some(byte) = bytes.next_element()? {
                    read.push(byte);
                }
                Ok(Read(read))
            }
        }

        from.deserialize_any(Either)
    }
}
