//! Names of what the read models speak of by codes.

use crate::figures::words;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($field:ident),* $(,)? }) => {
        $(#[$doc])*
        pub(crate) struct $name { $(pub(crate) $field: &'static str),* }

        impl $name {
            /// Of a code; none for one that nothing is written about.
            pub(crate) fn of(&self, code: &str) -> Option<&'static str> {
                match code {
                    $(stringify!($field) => Some(self.$field),)*
                    _ => None,
                }
            }

            /// Every code that something is written about.
            #[cfg(test)]
            pub(crate) const CODES: &[&str] = &[$(stringify!($field)),*];
        }
    };
}

named! {
    /// Key figures that every network has.
    KpiTexts {
        turnover, transactions, visitors, conversion, average_basket, units_per_transaction, sales_per_m2, shopper_yield,
        margin, margin_rate, active_customers, visits, purchase_frequency, recruitment, new_customer_share, optin_email,
        optin_sms, optin_push, optin_post, reach_email, reach_sms, reach_post, satisfaction, satisfied_share, scans,
        successful_scans, emails, scan_success, email_capture, return_rate,
    }
}

named! {
    /// What errors of scanners mean.
    ErrorTexts { foot_moved, foot_not_found, measurement_timeout, no_foot, sensor_dirty, too_much_sunlight, two_feet }
}

named! {
    /// What helps against them.
    RemedyTexts { retrain_staff, move_out_of_the_sun, clean_the_sensor, have_it_serviced }
}

impl KpiTexts {
    /// A KPI by its name; a company's own by what it is called.
    pub(crate) fn name(&self, kpi: &str) -> String {
        self.of(kpi).map_or_else(|| words(kpi), str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use storefold_events::kpi::STANDARD_KPIS;

    use super::{ErrorTexts, KpiTexts, RemedyTexts};
    use crate::language::Language;

    #[test]
    fn every_standard_key_figure_has_a_name() {
        let standard: Vec<_> = STANDARD_KPIS.iter().map(|kpi| kpi.name).collect();
        assert_eq!(standard, KpiTexts::CODES);
    }

    #[test]
    fn nothing_that_has_a_code_is_without_words() {
        for texts in Language::ALL.map(Language::texts) {
            let of = [
                KpiTexts::CODES.iter().map(|code| texts.kpis.of(code)).collect::<Vec<_>>(),
                ErrorTexts::CODES.iter().map(|code| texts.errors.of(code)).collect(),
                RemedyTexts::CODES.iter().map(|code| texts.remedies.of(code)).collect(),
            ];
            assert!(of.iter().flatten().all(|words| words.is_some_and(|words| !words.is_empty())));
        }
        assert_eq!(Language::French.texts().kpis.name("own_figure"), "own figure");
    }
}
