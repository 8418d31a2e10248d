//! Whether two figures go together over stores.

use schemars::JsonSchema;
use serde::Serialize;

/// With fewer stores a straight line fits whatever they do.
pub const STORES_MIN: usize = 3;

/// How correlations are reckoned, for whoever reads them.
pub const METHOD: &str = "Pearson's r over the stores of one currency that had a scan, a sale or a return in the window: \
    the sum of (x - mean x) (y - mean y) by the root of the sum of (x - mean x)² times the sum of (y - mean y)², rounded \
    to 4 decimals; unknown for fewer than 3 stores, or where all stores have the same figure";

/// A correlation over stores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Correlation {
    /// From -1 (the more of one, the less of the other) to 1 (the more, the more); null when it is not known.
    pub coefficient: Option<f64>,
    /// Why it is not known; null when it is.
    pub unknown_because: Option<NoCorrelation>,
}

/// Why there is no correlation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoCorrelation {
    /// Fewer than 3 stores are compared.
    FewerThanThreeStores,
    /// All stores have as many scans, or emails.
    NoVarianceInCount,
    /// All stores have the same turnover.
    NoVarianceInTurnover,
}

impl Correlation {
    /// Over pairs of a count and a turnover.
    pub(crate) fn of(pairs: impl Iterator<Item = (f64, f64)>) -> Self {
        match coefficient(&pairs.collect::<Vec<_>>()) {
            Ok(coefficient) => Self { coefficient: Some(coefficient), unknown_because: None },
            Err(reason) => Self { coefficient: None, unknown_because: Some(reason) },
        }
    }
}

fn coefficient(pairs: &[(f64, f64)]) -> Result<f64, NoCorrelation> {
    if pairs.len() < STORES_MIN {
        return Err(NoCorrelation::FewerThanThreeStores);
    }
    let (first_x, first_y) = pairs[0];
    // Exact, as the figures are whole numbers; a variance of rounding errors would look like one.
    if pairs.iter().all(|(x, _)| x.to_bits() == first_x.to_bits()) {
        return Err(NoCorrelation::NoVarianceInCount);
    }
    if pairs.iter().all(|(_, y)| y.to_bits() == first_y.to_bits()) {
        return Err(NoCorrelation::NoVarianceInTurnover);
    }
    let count = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|(x, _)| *x), mean(|(_, y)| *y));
    let with = |of: fn(f64, f64) -> f64| pairs.iter().map(|(x, y)| of(x - mean_x, y - mean_y)).sum::<f64>();
    let spread = with(|x, _| x * x).sqrt() * with(|_, y| y * y).sqrt();
    let coefficient = (with(|x, y| x * y) / spread).clamp(-1.0, 1.0);
    Ok((coefficient * 10_000.0).round() / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correlation_is_that_of_the_textbook_and_unknown_where_there_is_none() {
        for (pairs, expected) in [
            (vec![(1.0, 10.0), (2.0, 20.0), (3.0, 30.0)], Ok(1.0)),
            (vec![(1.0, 30.0), (2.0, 20.0), (3.0, 10.0)], Ok(-1.0)),
            // Sums of products 6, of squares 5 and 10: 6 / √50.
            (vec![(1.0, 2.0), (2.0, 1.0), (3.0, 4.0), (4.0, 5.0)], Ok(0.8485)),
            (vec![(1.0, 1.0), (2.0, 3.0), (3.0, 1.0)], Ok(0.0)),
            (vec![(1.0, 1.0), (2.0, 2.0)], Err(NoCorrelation::FewerThanThreeStores)),
            (vec![(2.0, 1.0), (2.0, 2.0), (2.0, 3.0)], Err(NoCorrelation::NoVarianceInCount)),
            (vec![(1.0, 5.0), (2.0, 5.0), (3.0, 5.0)], Err(NoCorrelation::NoVarianceInTurnover)),
        ] {
            assert_eq!(coefficient(&pairs), expected, "{pairs:?}");
        }
    }
}
