//! The cells of one column, until their row group is written.

use parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::writer::SerializedColumnWriter,
};
use storefold_projection::{Cell, Column, ColumnKind, TableError};

use crate::moments::{days_since_1970, ms_since_1970, unlike};

/// Values that are there; of an optional column, also 1 for each cell that has one and 0 for each that is empty.
pub(super) struct Gathered {
    values: Values,
    levels: Option<Vec<i16>>,
}

enum Values {
    Text(Vec<ByteArray>),
    Whole(Vec<i64>),
    Fraction(Vec<f64>),
    Flag(Vec<bool>),
    Day(Vec<i32>),
    Time(Vec<i64>),
}

impl Gathered {
    pub(super) fn of(column: &Column) -> Self {
        let values = match column.kind {
            ColumnKind::Text => Values::Text(Vec::new()),
            ColumnKind::Whole => Values::Whole(Vec::new()),
            ColumnKind::Fraction => Values::Fraction(Vec::new()),
            ColumnKind::Flag => Values::Flag(Vec::new()),
            ColumnKind::Day => Values::Day(Vec::new()),
            ColumnKind::Time => Values::Time(Vec::new()),
        };
        Self { values, levels: column.optional.then(Vec::new) }
    }

    pub(super) fn take(&mut self, column: &Column, cell: Cell<'_>) -> Result<(), TableError> {
        if let Some(levels) = &mut self.levels {
            levels.push(i16::from(cell != Cell::Empty));
            if cell == Cell::Empty {
                return Ok(());
            }
        }
        match (&mut self.values, cell) {
            (Values::Text(values), Cell::Text(text)) => values.push(text.into()),
            (Values::Whole(values), Cell::Whole(number)) => values.push(number),
            (Values::Fraction(values), Cell::Fraction(number)) => values.push(number),
            (Values::Flag(values), Cell::Flag(flag)) => values.push(flag),
            (Values::Day(values), Cell::Text(text)) => values.push(days_since_1970(column, text)?),
            (Values::Time(values), Cell::Text(text)) => values.push(ms_since_1970(column, text)?),
            (_, other) => return Err(unlike(column, other, "something else")),
        }
        Ok(())
    }

    /// Writes them, and is empty again.
    pub(super) fn write(&mut self, to: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.levels.as_deref();
        match &mut self.values {
            Values::Text(values) => write::<ByteArrayType>(values, levels, to),
            Values::Whole(values) | Values::Time(values) => write::<Int64Type>(values, levels, to),
            Values::Fraction(values) => write::<DoubleType>(values, levels, to),
            Values::Flag(values) => write::<BoolType>(values, levels, to),
            Values::Day(values) => write::<Int32Type>(values, levels, to),
        }?;
        if let Some(levels) = &mut self.levels {
            levels.clear();
        }
        Ok(())
    }
}

fn write<D: DataType>(
    values: &mut Vec<D::T>,
    levels: Option<&[i16]>,
    to: &mut SerializedColumnWriter<'_>,
) -> Result<(), ParquetError> {
    to.typed::<D>().write_batch(values, levels, None)?;
    values.clear();
    Ok(())
}
