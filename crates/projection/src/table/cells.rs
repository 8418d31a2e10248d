//! A record taken apart into its cells, by way of serde: what stands in a table is what `Serialize` says of it.

use std::fmt::Display;

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible, SerializeStruct},
};
use thiserror::Error;

use super::{Cell, TableError, TableWriter};
use crate::QueryError;

/// Hands every field of a record, which has as many as there are columns, to a writer.
pub(super) fn write<T: Serialize>(record: &T, columns: usize, to: &mut dyn TableWriter) -> Result<(), TableError> {
    let mut fields = Fields { next: 0, to };
    record.serialize(&mut fields)?;
    let Fields { next, to } = fields;
    if next != columns {
        return Err(unreadable(format_args!("it has {next} fields where there are {columns} columns")));
    }
    to.end_record()
}

/// Why a record was not taken apart.
#[derive(Debug, Error)]
enum Unwritten {
    /// It was, and its cell did not go out.
    #[error(transparent)]
    Cell(#[from] TableError),
    /// It is no flat record.
    #[error("{0}")]
    NotFlat(String),
}

impl ser::Error for Unwritten {
    fn custom<T: Display>(message: T) -> Self {
        Self::NotFlat(message.to_string())
    }
}

impl From<Unwritten> for TableError {
    fn from(unwritten: Unwritten) -> Self {
        match unwritten {
            Unwritten::Cell(error) => error,
            Unwritten::NotFlat(detail) => unreadable(detail),
        }
    }
}

fn unreadable(detail: impl Display) -> TableError {
    TableError::Rows(QueryError::Rows(format!("a record does not fit into cells: {detail}")))
}

fn not_flat<T>(what: &str) -> Result<T, Unwritten> {
    Err(Unwritten::NotFlat(format!("{what} stands where one value is due")))
}

struct Fields<'w> {
    /// The column that the next field stands in.
    next: usize,
    to: &'w mut dyn TableWriter,
}

impl Fields<'_> {
    fn cell(&mut self, cell: Cell<'_>) -> Result<(), Unwritten> {
        let column = self.next;
        self.next += 1;
        Ok(self.to.cell(column, cell)?)
    }
}

impl SerializeStruct for &mut Fields<'_> {
    type Ok = ();
    type Error = Unwritten;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), Unwritten> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Unwritten> {
        Ok(())
    }
}

impl<'f, 'w> Serializer for &'f mut Fields<'w> {
    type Ok = ();
    type Error = Unwritten;
    type SerializeSeq = Impossible<(), Unwritten>;
    type SerializeTuple = Impossible<(), Unwritten>;
    type SerializeTupleStruct = Impossible<(), Unwritten>;
    type SerializeTupleVariant = Impossible<(), Unwritten>;
    type SerializeMap = Impossible<(), Unwritten>;
    type SerializeStruct = &'f mut Fields<'w>;
    type SerializeStructVariant = Impossible<(), Unwritten>;

    fn serialize_bool(self, value: bool) -> Result<(), Unwritten> {
        self.cell(Cell::Flag(value))
    }

    fn serialize_i8(self, value: i8) -> Result<(), Unwritten> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Unwritten> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Unwritten> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unwritten> {
        self.cell(Cell::Whole(value))
    }

    fn serialize_u8(self, value: u8) -> Result<(), Unwritten> {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unwritten> {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unwritten> {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unwritten> {
        match i64::try_from(value) {
            Ok(value) => self.cell(Cell::Whole(value)),
            Err(_) => Err(Unwritten::NotFlat(format!("{value} is beyond {}", i64::MAX))),
        }
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unwritten> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unwritten> {
        // What is no number is nothing, as in JSON.
        self.cell(if value.is_finite() { Cell::Fraction(value) } else { Cell::Empty })
    }

    fn serialize_char(self, value: char) -> Result<(), Unwritten> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Unwritten> {
        self.cell(Cell::Text(value))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unwritten> {
        not_flat("a run of bytes")
    }

    fn serialize_none(self) -> Result<(), Unwritten> {
        self.cell(Cell::Empty)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritten> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritten> {
        self.cell(Cell::Empty)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritten> {
        self.cell(Cell::Empty)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Unwritten> {
        self.cell(Cell::Text(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Unwritten> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<(), Unwritten> {
        not_flat(variant)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Unwritten> {
        not_flat("a list")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Unwritten> {
        not_flat("a list")
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Unwritten> {
        not_flat(name)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritten> {
        not_flat(variant)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unwritten> {
        not_flat("a map")
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Self::SerializeStruct, Unwritten> {
        if self.next == 0 { Ok(self) } else { not_flat(name) }
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritten> {
        not_flat(variant)
    }
}
