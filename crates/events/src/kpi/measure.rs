//! What is measured on every store day; KPIs are made of it.

/// How what is measured on days comes to a figure for a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureKind {
    /// It is summed over the days: sales, visitors.
    Flow,
    /// What there is at the end of the last day, whenever it came: customers known.
    Stock,
    /// The mean over the days of the window: selling area.
    Mean,
    /// Different ones are counted, however often each comes: buyers.
    Distinct,
}

/// Something that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Net sales after returns, tax included.
    Turnover,
    /// Net sales after returns, without tax.
    TurnoverExclTax,
    /// Of these, the goods whose purchase price is known.
    CostedTurnover,
    /// What those goods were bought for.
    Cost,
    /// What was refunded, tax included.
    Refunds,
    /// Sales that were not voided.
    Transactions,
    /// Units sold less units that came back.
    Units,
    /// People who came in.
    Entered,
    /// Those who came in without staff and companions.
    Visitors,
    /// Scans, successful or not.
    ScansAttempted,
    /// Scans that succeeded.
    ScansSuccessful,
    /// Successful scans with an email.
    ScansIdentified,
    /// Sales of identified customers that were not voided.
    Purchases,
    /// Of these, the first of their customer.
    FirstPurchases,
    /// Customer files opened.
    CustomersCreated,
    /// Satisfaction answers.
    Answers,
    /// Their scores, each in hundredths of a percent of the best.
    ScoreE4,
    /// Answers of 80 % and more.
    Satisfied,
    /// Customer files of the store.
    CustomersKnown,
    /// Of these, with consent to emails.
    OptedInEmail,
    /// Of these, with consent to short messages.
    OptedInSms,
    /// Of these, with consent to push messages.
    OptedInPush,
    /// Of these, with consent to letters.
    OptedInPost,
    /// Of these, with an email address and consent to emails.
    ReachableEmail,
    /// Of these, with a mobile number and consent to short messages.
    ReachableSms,
    /// Of these, with a postal address and consent to letters.
    ReachablePost,
    /// Selling area, in square metres.
    AreaM2,
    /// Different identified customers who bought.
    Buyers,
}

/// Every measure, in the order in which rows keep them, with its name in formulas, its kind and what it is.
pub const MEASURES: &[(Measure, &str, MeasureKind, &str)] = {
    use Measure as M;
    use MeasureKind::{Distinct, Flow, Mean, Stock};
    &[
        (M::Turnover, "turnover", Flow, "net sales after returns, tax included; minor units"),
        (M::TurnoverExclTax, "turnover_excl_tax", Flow, "net sales after returns, without tax; minor units"),
        (
            M::CostedTurnover,
            "costed_turnover",
            Flow,
            "turnover_excl_tax of goods whose purchase price is known; minor units",
        ),
        (M::Cost, "cost", Flow, "purchase prices of those goods, less those that came back; minor units"),
        (M::Refunds, "refunds", Flow, "what was refunded, tax included, on the day of the return; minor units"),
        (M::Transactions, "transactions", Flow, "sales that were not voided"),
        (M::Units, "units", Flow, "units sold less units that came back"),
        (M::Entered, "entered", Flow, "people who came in"),
        (M::Visitors, "visitors", Flow, "people who came in, without staff and companions"),
        (M::ScansAttempted, "scans_attempted", Flow, "scans, successful or not"),
        (M::ScansSuccessful, "scans_successful", Flow, "scans that succeeded"),
        (M::ScansIdentified, "scans_identified", Flow, "successful scans with an email, on the day of the scan"),
        (M::Purchases, "purchases", Flow, "sales of identified customers that were not voided"),
        (M::FirstPurchases, "first_purchases", Flow, "purchases that are the first of their customer in the books"),
        (M::CustomersCreated, "customers_created", Flow, "customer files opened in the store"),
        (M::Answers, "answers", Flow, "satisfaction answers"),
        (M::ScoreE4, "score_e4", Flow, "their scores, each in ten-thousandths of the best score"),
        (M::Satisfied, "satisfied", Flow, "answers whose score is 80 % of the best or more"),
        (M::CustomersKnown, "customers_known", Stock, "customer files of the store at the end of the window"),
        (M::OptedInEmail, "opted_in_email", Stock, "customers_known with consent to emails"),
        (M::OptedInSms, "opted_in_sms", Stock, "customers_known with consent to short messages"),
        (M::OptedInPush, "opted_in_push", Stock, "customers_known with consent to push messages"),
        (M::OptedInPost, "opted_in_post", Stock, "customers_known with consent to letters"),
        (M::ReachableEmail, "reachable_email", Stock, "opted_in_email with an email address"),
        (M::ReachableSms, "reachable_sms", Stock, "opted_in_sms with a mobile number"),
        (M::ReachablePost, "reachable_post", Stock, "opted_in_post with a postal address"),
        (M::AreaM2, "area_m2", Mean, "selling area valid on each day, in square metres: the mean over the days"),
        (
            M::Buyers,
            "buyers",
            Distinct,
            "different identified customers with a purchase in the window; exact up to 4,096 in a store, an organisation \
             or the network on one day (one month, where the window is longer than 93 days), estimated beyond",
        ),
    ]
};

impl Measure {
    /// How many are counted up in rows of days; those after them are made of something else.
    pub const COUNTED: usize = Self::AreaM2 as usize;

    /// The measure of this name in formulas.
    pub fn named(name: &str) -> Option<Self> {
        MEASURES.iter().find(|(_, known, ..)| *known == name).map(|(measure, ..)| *measure)
    }

    /// Its name in formulas.
    pub fn name(self) -> &'static str {
        MEASURES[self as usize].1
    }

    /// How days come to a window.
    pub fn kind(self) -> MeasureKind {
        MEASURES[self as usize].2
    }

    /// Whether it counts minor units of a currency, so that stores of several currencies have no sum.
    pub fn is_money(self) -> bool {
        matches!(self, Self::Turnover | Self::TurnoverExclTax | Self::CostedTurnover | Self::Cost | Self::Refunds)
    }
}

#[cfg(test)]
mod tests {
    use super::{MEASURES, Measure};

    #[test]
    fn the_list_is_in_the_order_of_the_measures_and_names_each_once() {
        for (index, (measure, name, ..)) in MEASURES.iter().enumerate() {
            assert_eq!(*measure as usize, index, "{name}");
            assert_eq!(Measure::named(name), Some(*measure));
        }
    }
}
