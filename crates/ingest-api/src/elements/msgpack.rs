//! Where a MessagePack value ends. Nothing is read and nothing recurses, so a value nested however deeply is found bad
//! by its reader, alone.

use rmp::Marker;

use super::Elements;

const CUT_OFF: &str = "it ends in the middle of a value";

pub(super) fn elements(body: &[u8]) -> Result<Elements<'_>, &'static str> {
    let mut rest = body;
    let array = rmp::decode::read_array_len(&mut rest);
    let Ok(count) = array else {
        let (event, after) = one(body)?;
        return if after.is_empty() { Ok(Elements { first: vec![event], count: 1 }) } else { Err(TRAILING) };
    };
    let mut elements = Elements::default();
    for _ in 0..count {
        let (element, after) = one(rest)?;
        elements.push(element);
        rest = after;
    }
    if rest.is_empty() { Ok(elements) } else { Err(TRAILING) }
}

const TRAILING: &str = "something follows its first value; send several events as one array";

/// The first value and what follows it.
fn one(bytes: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let mut rest = bytes;
    // Values that still have to be passed; a container adds what it holds.
    let mut values = 1_u64;
    while values > 0 {
        let (marker, after) = rest.split_first().ok_or(CUT_OFF)?;
        rest = after;
        values -= 1;
        let skipped = match Marker::from_u8(*marker) {
            Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::True | Marker::False => 0,
            Marker::U8 | Marker::I8 => 1,
            Marker::U16 | Marker::I16 | Marker::FixExt1 => 2,
            Marker::U32 | Marker::I32 | Marker::F32 => 4,
            Marker::U64 | Marker::I64 | Marker::F64 => 8,
            Marker::FixExt2 => 3,
            Marker::FixExt4 => 5,
            Marker::FixExt8 => 9,
            Marker::FixExt16 => 17,
            Marker::FixStr(length) => u64::from(length),
            Marker::Str8 | Marker::Bin8 => length::<1>(&mut rest)?,
            Marker::Str16 | Marker::Bin16 => length::<2>(&mut rest)?,
            Marker::Str32 | Marker::Bin32 => length::<4>(&mut rest)?,
            Marker::Ext8 => length::<1>(&mut rest)? + 1,
            Marker::Ext16 => length::<2>(&mut rest)? + 1,
            Marker::Ext32 => length::<4>(&mut rest)? + 1,
            Marker::FixArray(count) => held(&mut values, u64::from(count)),
            Marker::Array16 => held(&mut values, length::<2>(&mut rest)?),
            Marker::Array32 => held(&mut values, length::<4>(&mut rest)?),
            Marker::FixMap(count) => held(&mut values, 2 * u64::from(count)),
            Marker::Map16 => held(&mut values, 2 * length::<2>(&mut rest)?),
            Marker::Map32 => held(&mut values, 2 * length::<4>(&mut rest)?),
            Marker::Reserved => return Err("it holds the byte 0xc1, which MessagePack does not use"),
        };
        rest = usize::try_from(skipped).ok().and_then(|skipped| rest.get(skipped..)).ok_or(CUT_OFF)?;
    }
    Ok(bytes.split_at(bytes.len() - rest.len()))
}

/// A container has no bytes of its own beyond its head.
fn held(values: &mut u64, count: u64) -> u64 {
    // A body of 8 MiB has room for no more than 2^21 heads of 2^33 values.
    *values += count;
    0
}

/// Takes a big-endian length of `N` bytes.
fn length<const N: usize>(rest: &mut &[u8]) -> Result<u64, &'static str> {
    let (bytes, after) = rest.split_first_chunk::<N>().ok_or(CUT_OFF)?;
    *rest = after;
    Ok(bytes.iter().fold(0, |length, byte| length << 8 | u64::from(*byte)))
}
