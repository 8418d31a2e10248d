//! What a command prints: results to stdout, as tables for people or as JSON; remarks to stderr.

use std::{
    fmt,
    io::{self, Write},
};

use anyhow::Result;
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Row, Table, TableStyle};
use serde::Serialize;
use storefold_events::Money;

/// Prints a line of a result.
pub fn line(text: impl fmt::Display) -> Result<()> {
    Ok(writeln!(io::stdout().lock(), "{text}")?)
}

/// Prints a result for programs: one line of JSON.
pub fn json(value: &impl Serialize) -> Result<()> {
    line(serde_json::to_string(value)?)
}

/// Says something about the work to whoever watches it.
pub fn remark(text: impl fmt::Display) {
    // The work is not stopped by nobody watching.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// A line under the headings and nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table under construction. A heading that begins with `>` stands over a column of numbers, aligned to the right.
pub struct Printed(Table);

impl Printed {
    /// A table with these headings and no rows.
    pub fn new(headings: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(headings.iter().map(|heading| Cell::new(heading.trim_start_matches('>'))).collect::<Vec<_>>());
        for (column, heading) in headings.iter().enumerate() {
            if heading.starts_with('>')
                && let Some(column) = table.column_mut(column)
            {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self(table)
    }

    /// Appends a row.
    pub fn row<T: fmt::Display>(&mut self, cells: impl IntoIterator<Item = T>) -> &mut Self {
        self.0.add_row(Row::from(cells.into_iter().map(|cell| Cell::new(cell.to_string())).collect::<Vec<_>>()));
        self
    }

    /// Prints it under a title.
    pub fn print(&self, title: &str) -> Result<()> {
        line(format_args!("\n{title}\n{}", self.0.trim_fmt()))
    }
}

/// A count as people read it: `24,409,194`.
pub fn grouped(count: impl fmt::Display) -> String {
    group_digits(&count.to_string())
}

/// An amount as people read it: `244,091.94 USD`.
pub fn amount(money: Money) -> String {
    group_digits(&money.to_string())
}

/// A rate as people read it: `94.1 %`, or a dash when nothing was counted.
pub fn percent(rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
}

/// Sets commas into the first run of digits.
fn group_digits(text: &str) -> String {
    let start = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let (sign, rest) = text.split_at(start);
    let (digits, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    let mut grouped = String::with_capacity(text.len() + digits.len() / 3);
    grouped.push_str(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped.push_str(tail);
    grouped
}

#[cfg(test)]
mod tests {
    use super::group_digits;

    #[test]
    fn digits_before_the_point_are_grouped_by_three() {
        for (plain, grouped) in [
            ("7", "7"),
            ("919", "919"),
            ("6919", "6,919"),
            ("-1234567", "-1,234,567"),
            ("244091.94 USD", "244,091.94 USD"),
            ("100.00 EUR", "100.00 EUR"),
            ("none", "none"),
        ] {
            assert_eq!(group_digits(plain), grouped);
        }
    }
}
