//! The loyalty programmes: one for each currency.

use storefold_events::{
    Currency, Text,
    loyalty::{LoyaltyProgramConfigured, Rounding},
};

use crate::Country;

/// The rule by which sales in one currency earn points, each sale floored by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Programme {
    /// Name in every event, as brand-gb.
    pub name: &'static str,
    /// Sales in this currency earn.
    pub currency: Currency,
    /// What has to be spent for a point.
    pub minor_per_point: i64,
    /// Whether lines with a discount earn.
    pub earn_on_discounted: bool,
}

impl Programme {
    /// The programme of a country's currency.
    pub fn of(country: Country) -> Self {
        let (name, earn_on_discounted) = match country {
            Country::France | Country::Italy | Country::Germany => ("brand", true),
            Country::Britain => ("brand-gb", true),
            Country::UnitedStates => ("brand-us", false),
            Country::Japan => ("brand-jp", true),
        };
        Self { name, currency: country.currency(), minor_per_point: 1_000, earn_on_discounted }
    }

    pub(crate) fn configured(&self) -> LoyaltyProgramConfigured<'static> {
        LoyaltyProgramConfigured {
            programme: Text::from(self.name),
            currency: self.currency,
            minor_per_point: self.minor_per_point,
            rounding: Rounding::FloorPerSale,
            earn_on_discounted: self.earn_on_discounted,
            terms: None,
        }
    }

    pub(crate) fn points(&self, eligible_minor: i64) -> i64 {
        eligible_minor / self.minor_per_point
    }
}
