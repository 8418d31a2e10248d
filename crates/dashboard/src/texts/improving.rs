//! What is said on the pages of what is undertaken for better figures, and of months that are closed.

mod english;
mod french;
mod german;
mod italian;

pub(crate) use self::{english::ENGLISH, french::FRENCH, german::GERMAN, italian::ITALIAN};

use super::{Say, SayOfTwo};

/// Satisfaction, action plans, challenges of sellers, closed months.
pub(crate) struct Improving {
    /// Of satisfaction, plans and challenges in the banner.
    pub(crate) title: &'static str,
    pub(crate) satisfaction: Satisfaction,
    pub(crate) plans: Plans,
    pub(crate) challenges: Challenges,
    pub(crate) closed: Closed,
    pub(crate) forms: Forms,
    /// Links from a store, an organisation or the network to these pages.
    pub(crate) more: &'static str,
    /// Leads from what is of one place to what is of all.
    pub(crate) everywhere: &'static str,
}

/// What customers say.
pub(crate) struct Satisfaction {
    pub(crate) title: &'static str,
    pub(crate) what: &'static str,
    pub(crate) none: &'static str,
    pub(crate) how_to_begin: &'static str,
    pub(crate) answers: &'static str,
    pub(crate) over_time: &'static str,
    pub(crate) sources: &'static str,
    pub(crate) no_sources: &'static str,
    /// How many answers.
    pub(crate) named: Say,
    /// Of a KPI.
    pub(crate) beside: Say,
    pub(crate) beside_by: &'static str,
    pub(crate) named_most: &'static str,
}

/// What was decided.
pub(crate) struct Plans {
    pub(crate) title: &'static str,
    pub(crate) what: &'static str,
    pub(crate) none: &'static str,
    pub(crate) how_to_begin: &'static str,
    pub(crate) layout: &'static str,
    pub(crate) experience: &'static str,
    pub(crate) promotions_and_prices: &'static str,
    pub(crate) training: &'static str,
    pub(crate) loyalty_programme: &'static str,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
    pub(crate) not_begun: &'static str,
    pub(crate) why: &'static str,
    pub(crate) came_of_it: &'static str,
    /// First day of one that goes on.
    pub(crate) since: Say,
    /// A change of a share.
    pub(crate) points: Say,
    pub(crate) open: &'static str,
    pub(crate) open_rule: &'static str,
    pub(crate) what_is_done: &'static str,
    pub(crate) about: &'static str,
    pub(crate) shall_move: &'static str,
    pub(crate) for_whom: &'static str,
    pub(crate) close: &'static str,
}

/// What sellers are challenged to.
pub(crate) struct Challenges {
    pub(crate) title: &'static str,
    pub(crate) what: &'static str,
    pub(crate) none: &'static str,
    pub(crate) how_to_begin: &'static str,
    pub(crate) all_stores: &'static str,
    pub(crate) with_email: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) open: &'static str,
    pub(crate) files: &'static str,
    pub(crate) sellers: &'static str,
    pub(crate) without_seller: &'static str,
    pub(crate) for_nobody: &'static str,
    pub(crate) ahead: &'static str,
    pub(crate) nobody: &'static str,
    /// How many files.
    pub(crate) of_these_with_email: Say,
    pub(crate) after_close: Say,
    pub(crate) launch: &'static str,
    pub(crate) launch_rule: &'static str,
    pub(crate) name: &'static str,
    pub(crate) stores: &'static str,
    pub(crate) which_stores: &'static str,
    pub(crate) only_with_email: &'static str,
}

/// Months whose figures stay.
pub(crate) struct Closed {
    pub(crate) title: &'static str,
    pub(crate) what: &'static str,
    pub(crate) none: &'static str,
    pub(crate) how_to_begin: &'static str,
    /// For whom, and the position in the log.
    pub(crate) for_whom: SayOfTwo,
    pub(crate) network: &'static str,
    /// A change.
    pub(crate) since: Say,
    pub(crate) unchanged: &'static str,
    /// How many events.
    pub(crate) events_since: Say,
    pub(crate) nothing_since: &'static str,
    pub(crate) measure: &'static str,
    pub(crate) at_closing: &'static str,
    pub(crate) adjustment: &'static str,
    pub(crate) close: &'static str,
    pub(crate) close_rule: &'static str,
    pub(crate) of_all: &'static str,
}

/// Fields of forms.
pub(crate) struct Forms {
    pub(crate) first_day: &'static str,
    pub(crate) last_day: &'static str,
}

impl Plans {
    /// What a decision is about, by its code.
    pub(crate) fn kind(&self, code: &str) -> String {
        match code {
            "layout" => self.layout.to_owned(),
            "experience" => self.experience.to_owned(),
            "promotions_and_prices" => self.promotions_and_prices.to_owned(),
            "training" => self.training.to_owned(),
            "loyalty_programme" => self.loyalty_programme.to_owned(),
            _ => crate::figures::words(code),
        }
    }
}
