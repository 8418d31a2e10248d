//! The rate with its band (decisions 1 and 2, row 0.13).

use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::scan::CaptureBand;

use crate::rows::Counts;

/// What the rate is, as the answers say it.
pub const DEFINITION: &str = "identified successful scans / successful scans";

/// Email capture over a day or a window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Capture {
    /// Scans made, with or without a result.
    pub attempted: u64,
    /// Scans that measured a size.
    pub successful: u64,
    /// Successful scans with an email, given with the scan or later; they count on the scan's day.
    pub identified: u64,
    /// Identified of successful, 0 to 1; null without successful scans.
    pub rate: Option<f64>,
    /// `top` above 80 %, `good` above 75 %, `fair` above 60 %, else `below_par`; null without successful scans.
    pub band: Option<CaptureBand>,
}

impl Capture {
    pub(crate) fn of(counts: Counts) -> Self {
        let Counts { attempted, successful, identified } = counts;
        let counted = successful > 0;
        let rate = || identified as f64 / successful as f64;
        Self {
            attempted,
            successful,
            identified,
            rate: counted.then(rate),
            band: CaptureBand::of(identified, successful),
        }
    }
}
