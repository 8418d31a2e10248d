//! Reads the body of an event into its type, through the `Deserialize` that the type derives for JSON as well.
//!
//! It has no limit of depth: a body is as deep as its type.

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor},
    forward_to_deserialize_any,
};

use super::{
    DecodeError,
    reader::{Number, Reader},
};

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        // A type that needs this cannot be an event: its first test finds out.
        Err(DecodeError::custom(format_args!("the log has no form for {}", &visitor as &dyn de::Expected)))
    }

    #[inline]
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.number()? {
            Number::Unsigned(value) => visitor.visit_u64(value),
            Number::Signed(value) => visitor.visit_i64(value),
        }
    }

    #[inline]
    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_u64(visitor)
    }

    #[inline]
    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_u64(visitor)
    }

    #[inline]
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_u64(visitor)
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_bool(self.boolean()?)
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_borrowed_str(self.text()?)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_borrowed_bytes(self.name()?)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.nil() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let mut array = Array { left: self.array()?, reader: self };
        let value = visitor.visit_seq(&mut array)?;
        match array.left {
            0 => Ok(value),
            left => Err(DecodeError::custom(format_args!("an array has {left} values more than its type"))),
        }
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if self.begins_map() { read_map(self, visitor) } else { self.deserialize_seq(visitor) }
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u128 f32 f64 char string bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct map
        ignored_any
    }
}

#[cold]
fn read_map<'de, V: Visitor<'de>>(reader: &mut Reader<'de>, visitor: V) -> Result<V::Value, DecodeError> {
    let left = reader.map()?;
    visitor.visit_map(Map { reader, left })
}

/// The fields that are still to come of a body that names them. The codec never writes one, but reads it, so that a
/// body can be written by hand in MessagePack.
struct Map<'r, 'a> {
    reader: &'r mut Reader<'a>,
    left: usize,
}

impl<'a> MapAccess<'a> for Map<'_, 'a> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<T::Value, DecodeError> {
        seed.deserialize(&mut *self.reader)
    }
}

/// The values of an array that are still to come.
struct Array<'r, 'a> {
    reader: &'r mut Reader<'a>,
    left: usize,
}

impl<'a> SeqAccess<'a> for Array<'_, 'a> {
    type Error = DecodeError;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        // Every value takes a byte, whatever a damaged head says.
        Some(self.left.min(self.reader.left()))
    }
}

impl<'a> EnumAccess<'a> for &mut Reader<'a> {
    type Error = DecodeError;
    type Variant = UnitOnly;

    #[inline]
    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, UnitOnly), DecodeError> {
        Ok((seed.deserialize(self)?, UnitOnly))
    }
}

/// The variants of an event's enums hold nothing.
pub(super) struct UnitOnly;

impl<'a> VariantAccess<'a> for UnitOnly {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, _: T) -> Result<T::Value, DecodeError> {
        Err(holds_nothing())
    }

    fn tuple_variant<V: Visitor<'a>>(self, _: usize, _: V) -> Result<V::Value, DecodeError> {
        Err(holds_nothing())
    }

    fn struct_variant<V: Visitor<'a>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, DecodeError> {
        Err(holds_nothing())
    }
}

#[cold]
fn holds_nothing() -> DecodeError {
    DecodeError::custom("the log has no form for a variant that holds a value")
}
