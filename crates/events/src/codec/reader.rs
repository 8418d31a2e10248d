//! Reads the MessagePack that the codec writes: arrays, strings, whole numbers, booleans, nil, and bytes for a UUID.
//!
//! It is much of the work of a rebuild, so it does less than a reader of any MessagePack from anywhere: it borrows from
//! one slice, is told which kind of value comes next, and looks first for the short form that most values have.

use std::str;

use serde::de::Error as _;

use super::{BIN8, DecodeError, NIL};

/// A place in the bytes of the log.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

/// A whole number as it is written: without a sign or with one.
pub(super) enum Number {
    Unsigned(u64),
    Signed(i64),
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    #[inline]
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(ended)?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(ended)?;
        self.rest = rest;
        Ok(*taken)
    }

    #[inline]
    fn marker(&mut self) -> Result<u8, DecodeError> {
        self.bytes().map(|[marker]| marker)
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<Number, DecodeError> {
        match self.marker()? {
            marker @ 0x00..=0x7f => Ok(Number::Unsigned(marker.into())),
            marker => self.number_behind(marker),
        }
    }

    fn number_behind(&mut self, marker: u8) -> Result<Number, DecodeError> {
        Ok(match marker {
            0xcc => Number::Unsigned(u8::from_be_bytes(self.bytes()?).into()),
            0xcd => Number::Unsigned(u16::from_be_bytes(self.bytes()?).into()),
            0xce => Number::Unsigned(u32::from_be_bytes(self.bytes()?).into()),
            0xcf => Number::Unsigned(u64::from_be_bytes(self.bytes()?)),
            0xd0 => Number::Signed(i8::from_be_bytes(self.bytes()?).into()),
            0xd1 => Number::Signed(i16::from_be_bytes(self.bytes()?).into()),
            0xd2 => Number::Signed(i32::from_be_bytes(self.bytes()?).into()),
            0xd3 => Number::Signed(i64::from_be_bytes(self.bytes()?)),
            0xe0..=0xff => Number::Signed((marker as i8).into()),
            _ => return Err(instead_of("a whole number", marker)),
        })
    }

    /// A whole number that has no sign.
    #[inline]
    pub(super) fn unsigned(&mut self) -> Result<u64, DecodeError> {
        match self.number()? {
            Number::Unsigned(value) => Ok(value),
            Number::Signed(value) => u64::try_from(value).map_err(DecodeError::custom),
        }
    }

    /// A whole number that may have a sign.
    #[inline]
    pub(super) fn signed(&mut self) -> Result<i64, DecodeError> {
        match self.number()? {
            Number::Unsigned(value) => i64::try_from(value).map_err(DecodeError::custom),
            Number::Signed(value) => Ok(value),
        }
    }

    /// A string's bytes, which need not be UTF-8.
    #[inline]
    pub(super) fn name(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = match self.marker()? {
            marker @ 0xa0..=0xbf => usize::from(marker & 0x1f),
            marker => self.length_behind(marker)?,
        };
        self.take(length)
    }

    /// The length of a string of 32 bytes or more.
    fn length_behind(&mut self, marker: u8) -> Result<usize, DecodeError> {
        match marker {
            0xd9 => Ok(u8::from_be_bytes(self.bytes()?).into()),
            0xda => Ok(u16::from_be_bytes(self.bytes()?).into()),
            0xdb => Ok(u32::from_be_bytes(self.bytes()?) as usize),
            _ => Err(instead_of("a string", marker)),
        }
    }

    #[inline]
    pub(super) fn text(&mut self) -> Result<&'a str, DecodeError> {
        str::from_utf8(self.name()?).map_err(DecodeError::custom)
    }

    /// The 16 bytes of a UUID.
    pub(super) fn uuid(&mut self) -> Result<[u8; 16], DecodeError> {
        match self.bytes()? {
            [BIN8, 16] => self.bytes(),
            [marker, _] => Err(instead_of("a UUID of 16 bytes", marker)),
        }
    }

    /// The number of values in the array that begins here.
    #[inline]
    pub(super) fn array(&mut self) -> Result<usize, DecodeError> {
        match self.marker()? {
            marker @ 0x90..=0x9f => Ok(usize::from(marker & 0x0f)),
            0xdc => Ok(u16::from_be_bytes(self.bytes()?).into()),
            0xdd => Ok(u32::from_be_bytes(self.bytes()?) as usize),
            marker => Err(instead_of("an array", marker)),
        }
    }

    /// Whether a map begins here, of no more fields than any body has.
    #[inline]
    pub(super) fn begins_map(&self) -> bool {
        matches!(self.next(), Some(0x80..=0x8f | 0xde))
    }

    /// The number of fields in the map that begins here.
    pub(super) fn map(&mut self) -> Result<usize, DecodeError> {
        match self.marker()? {
            marker @ 0x80..=0x8f => Ok(usize::from(marker & 0x0f)),
            0xde => Ok(u16::from_be_bytes(self.bytes()?).into()),
            marker => Err(instead_of("a map", marker)),
        }
    }

    pub(super) fn boolean(&mut self) -> Result<bool, DecodeError> {
        match self.marker()? {
            0xc2 => Ok(false),
            0xc3 => Ok(true),
            marker => Err(instead_of("a boolean", marker)),
        }
    }

    /// Bytes that are still to come.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The first byte of the next value.
    #[inline]
    pub(super) fn next(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Takes the nil that stands here, if one does.
    #[inline]
    pub(super) fn nil(&mut self) -> bool {
        let nil = self.next() == Some(NIL);
        if nil {
            self.rest = &self.rest[1..];
        }
        nil
    }
}

#[cold]
fn ended() -> DecodeError {
    DecodeError::custom("it ends too early")
}

#[cold]
fn instead_of(expected: &str, marker: u8) -> DecodeError {
    DecodeError::custom(format_args!("{expected} belongs where a value begins with {marker:#04x}"))
}
