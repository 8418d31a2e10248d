//! Pairs of numbers in few bytes: a customer's lots and days are read and written with every sale.
//!
//! Each number is the difference to the one before in its column, zigzag and LEB128 coded: 3 to 6 bytes a pair of an
//! instant and an amount, read several times faster than numbers that say their own kind and width.

use std::{fmt, marker::PhantomData};

use serde::{Deserializer, Serializer, de};

pub(crate) fn serialize<T, S>(pairs: &[(T, i64)], serializer: S) -> Result<S::Ok, S::Error>
where
    T: Copy + Into<i64>,
    S: Serializer,
{
    let mut bytes = Vec::with_capacity(pairs.len() * 8);
    let mut before = (0, 0);
    for &(first, second) in pairs {
        let first = first.into();
        write(&mut bytes, first.wrapping_sub(before.0));
        write(&mut bytes, second.wrapping_sub(before.1));
        before = (first, second);
    }
    serializer.serialize_bytes(&bytes)
}

pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<Vec<(T, i64)>, D::Error>
where
    T: TryFrom<i64>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_bytes(Pairs(PhantomData))
}

struct Pairs<T>(PhantomData<T>);

impl<T: TryFrom<i64>> de::Visitor<'_> for Pairs<T> {
    type Value = Vec<(T, i64)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("packed pairs")
    }

    fn visit_bytes<E: de::Error>(self, mut bytes: &[u8]) -> Result<Self::Value, E> {
        // A pair takes two bytes or more, so what is set aside is bounded by what is there.
        let mut pairs = Vec::with_capacity(bytes.len() / 4);
        let mut before = (0_i64, 0_i64);
        while !bytes.is_empty() {
            let next = (read(&mut bytes), read(&mut bytes));
            let (Some(first), Some(second)) = next else { return Err(E::custom("packed pairs end too early")) };
            before = (before.0.wrapping_add(first), before.1.wrapping_add(second));
            let first = T::try_from(before.0).map_err(|_| E::custom("a packed number does not fit"))?;
            pairs.push((first, before.1));
        }
        Ok(pairs)
    }
}

fn write(bytes: &mut Vec<u8>, number: i64) {
    let mut left = (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned();
    while left >= 0x80 {
        bytes.push(left.to_le_bytes()[0] | 0x80);
        left >>= 7;
    }
    bytes.push(left.to_le_bytes()[0]);
}

fn read(bytes: &mut &[u8]) -> Option<i64> {
    let mut zigzag = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        zigzag |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Kept(#[serde(with = "super")] Vec<(i64, i64)>);

    proptest! {
        #[test]
        fn pairs_are_read_as_they_were_written(pairs in prop::collection::vec(any::<(i64, i64)>(), 0..50)) {
            let kept = Kept(pairs);
            prop_assert_eq!(&rmp_serde::from_slice::<Kept>(&rmp_serde::to_vec(&kept).unwrap()).unwrap(), &kept);
        }

        #[test]
        fn any_bytes_give_pairs_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            #[derive(Serialize)]
            struct Bytes<'b>(#[serde(serialize_with = "as_bytes")] &'b [u8]);
            fn as_bytes<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(bytes)
            }
            drop(rmp_serde::from_slice::<Kept>(&rmp_serde::to_vec(&Bytes(&bytes)).unwrap()));
        }
    }
}
