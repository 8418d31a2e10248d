//! Long lists, so many rows at a time.

use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};

use crate::{links, visit::Visit};

/// Rows of a page, and of one whose rows are long.
pub(super) const ROWS: usize = 100;
pub(super) const LONG_ROWS: usize = 50;

/// Which part of a list is shown.
#[derive(Clone, Copy)]
pub(super) struct Paging {
    /// Counted from 1.
    page: usize,
    rows: usize,
}

impl Paging {
    pub(super) fn of(params: &mut Params, rows: usize) -> Result<Self, Problem> {
        let page = params.take_number("page")?.unwrap_or(1).clamp(1, 1_000_000);
        Ok(Self { page: usize::try_from(page).unwrap_or(1), rows })
    }

    /// Rows before this part.
    pub(super) fn before(self) -> usize {
        (self.page - 1) * self.rows
    }

    pub(super) fn of_all<T>(self, all: &[T]) -> &[T] {
        let from = self.before().min(all.len());
        &all[from..all.len().min(from + self.rows)]
    }
}

/// A link to the next part, when there is one.
pub(super) fn next(visit: &Visit<'_>, path: &str, paging: Paging, all: usize, kept: &[(&str, Option<&str>)]) -> Markup {
    let left = all.saturating_sub(paging.before() + paging.rows);
    let number = (paging.page + 1).to_string();
    let mut parameters = kept.to_vec();
    parameters.push(("page", Some(&number)));
    html! {
        @if left > 0 {
            p.more {
                a rel="next" href=(links::with(path, &parameters)) { (visit.texts().frame.next) }
                " " span.quiet { ((visit.texts().words.and_more)(&visit.language.count(left as u64))) }
            }
        }
    }
}
