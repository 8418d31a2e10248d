//! Key figures of stores: what is measured, how figures are made of it, what they are held against, and months that are
//! closed (rows 1.7 to 1.15, B74 to B77).

mod definition;
mod formula;
mod measure;
mod ratio;
mod standard;

pub use definition::{Better, KpiDefined, KpiUnit, MonthClosed, TargetSet, month_of};
pub use formula::{FORMULA_BYTES_MAX, Formula, NoFormula, NotKnown, Operator};
pub use measure::{MEASURES, Measure, MeasureKind};
pub use ratio::Ratio;
pub use standard::{STANDARD_KPIS, StandardKpi};
