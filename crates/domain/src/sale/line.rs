//! A line of a sale.

use serde::{Deserialize, Serialize};

use super::pro_rata_half_up;

/// A line as sold, and what of it has come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) number: u32,
    pub(super) discounted: bool,
    pub(super) family: Option<String>,
    pub(super) quantity: i64,
    pub(super) net_minor: i64,
    pub(super) tax_minor: i64,
    pub(super) cost_minor: Option<i64>,
    pub(super) returned: i64,
    pub(super) refunded_minor: i64,
    pub(super) tax_returned_minor: i64,
}

impl Line {
    /// What the units that have come back were bought for.
    pub(super) fn cost_returned_minor(&self) -> Option<i64> {
        Some(pro_rata_half_up(self.cost_minor?, self.returned, self.quantity))
    }
}
