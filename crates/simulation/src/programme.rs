//! The loyalty programmes: one for each currency.

use storefold_events::{
    Currency, Text,
    loyalty::{LoyaltyProgramConfigured, Rounding},
};

use crate::{Country, Settings};

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
    /// In which its days end.
    pub(crate) zone: &'static str,
}

impl Programme {
    /// The programme of a country's currency.
    pub fn of(country: Country) -> Self {
        let (name, earn_on_discounted, zone) = match country {
            Country::France | Country::Italy | Country::Germany => ("brand", true, "Europe/Paris"),
            Country::Britain => ("brand-gb", true, "Europe/London"),
            Country::UnitedStates => ("brand-us", false, "America/New_York"),
            Country::Japan => ("brand-jp", true, "Asia/Tokyo"),
        };
        Self { name, currency: country.currency(), minor_per_point: 1_000, earn_on_discounted, zone }
    }

    pub(crate) fn configured(&self, settings: &Settings) -> LoyaltyProgramConfigured<'static> {
        LoyaltyProgramConfigured {
            programme: Text::from(self.name),
            currency: self.currency,
            minor_per_point: self.minor_per_point,
            rounding: Rounding::FloorPerSale,
            earn_on_discounted: self.earn_on_discounted,
            terms: self.terms(settings),
        }
    }

    pub(crate) fn points(&self, eligible_minor: i64) -> i64 {
        eligible_minor / self.minor_per_point
    }
}
