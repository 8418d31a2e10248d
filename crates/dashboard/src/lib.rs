//! The cockpit: pages for people, of the network, organisations, stores, scanners, customers, loyalty programmes, cards,
//! days that were restated, what is in quarantine, and how the read models do.
//!
//! The pages ask the same questions as the API, all through [`Ask`], and show the answers; the page of the system shows what a
//! [`System`] holds. A number comes first, what it is held against second, the drawing third, and its definition is one click
//! away. They are written in English, French, Italian and German; what read models say in words stays in English and is
//! marked so. They are whole without scripts: a script of this server fetches a page anew when its read models move on, and
//! reads out the values of charts. They ask no other server for anything, and escape every text from outside.
//!
//! What it is not: it computes no figure that a read model does not give, takes no event in itself, and starts no rebuild.
//!
//! Limits: a list shows 50 to 200 rows and a link to the rest, so that a page stays under 300 kB however large the
//! network is. More than 120 days are drawn week by week, more than 1,500 month by month. Where a window has more than 10,000 days of stores, errors, sexes
//! and stores to look at are left out, and stores are ranked by the last whole month; what is not as it was is looked for on
//! the page itself in up to 20 stores, and on a page of its own in more.

mod pages;
pub use pages::{NARROWED, entry_pages, pages, problem_page};
mod asker;
pub use asker::{Ask, Asker, BoxFuture, Command, Quarantine, QuarantineEntry, Settle};
mod system;
pub use system::System;
mod answers;
mod assets;
mod charts;
mod document;
mod figures;
mod language;
mod links;
mod places;
mod sections;
mod texts;
mod visit;
