//! The sentences of the pages, one set for each language. A text that is missing in one of them does not compile.
//!
//! What the read models say in words (definitions, reasons, problems) is theirs and in English; it stands on the pages
//! marked as such. Figures come into sentences already written as the language writes them.

mod access;
mod english;
mod entry;
mod french;
mod german;
mod improving;
mod italian;
mod person;
mod things;

pub(crate) use access::{AUDITED, Access};
pub(crate) use english::ENGLISH;
pub(crate) use entry::Entry;
pub(crate) use french::FRENCH;
pub(crate) use german::GERMAN;
pub(crate) use improving::Improving;
pub(crate) use italian::ITALIAN;
pub(crate) use person::Person;
pub(crate) use things::{ErrorTexts, KpiTexts, RemedyTexts};

type Say = fn(&str) -> String;
type SayOfTwo = fn(&str, &str) -> String;
type SayOfThree = fn(&str, &str, &str) -> String;

/// Everything that is said.
pub(crate) struct Texts {
    pub(crate) frame: Frame,
    pub(crate) words: Words,
    pub(crate) kpis: KpiTexts,
    pub(crate) errors: ErrorTexts,
    pub(crate) remedies: RemedyTexts,
    pub(crate) charts: Charts,
    pub(crate) network: Network,
    pub(crate) store: Store,
    pub(crate) scanner: Scanner,
    pub(crate) customer: Customer,
    pub(crate) programme: Programme,
    pub(crate) card: Cards,
    pub(crate) late: Late,
    pub(crate) refused: Refused,
    pub(crate) improving: Improving,
    pub(crate) entry: Entry,
    pub(crate) access: Access,
    pub(crate) person: Person,
}

/// What every page has around its body.
pub(crate) struct Frame {
    pub(crate) skip: &'static str,
    pub(crate) pages: &'static str,
    pub(crate) network: &'static str,
    pub(crate) stores: &'static str,
    pub(crate) scanners: &'static str,
    pub(crate) customers: &'static str,
    pub(crate) loyalty: &'static str,
    pub(crate) cards: &'static str,
    pub(crate) restatements: &'static str,
    pub(crate) quarantine: &'static str,
    pub(crate) system: &'static str,
    pub(crate) languages: &'static str,
    /// Above what only English is there for.
    pub(crate) in_english: &'static str,
    pub(crate) not_here: &'static str,
    pub(crate) makes_no_sense: &'static str,
    pub(crate) cannot_be_shown: &'static str,
    pub(crate) to_network: &'static str,
    pub(crate) show: &'static str,
    pub(crate) search: &'static str,
    pub(crate) window: &'static str,
    pub(crate) days_30: &'static str,
    pub(crate) days_90: &'static str,
    pub(crate) all_time: &'static str,
    pub(crate) definition: &'static str,
    pub(crate) as_table: &'static str,
    pub(crate) as_json: &'static str,
    pub(crate) next: &'static str,
    pub(crate) see_all: &'static str,
    /// Of figures, in seconds.
    pub(crate) age: Say,
}

/// Single words, as heads of columns and names of things.
pub(crate) struct Words {
    /// January first, short.
    pub(crate) months: [&'static str; 12],
    /// Monday first, short.
    pub(crate) weekdays: [&'static str; 7],
    /// The unit of a day.
    pub(crate) day_unit: &'static str,
    pub(crate) day: &'static str,
    pub(crate) week_from: &'static str,
    pub(crate) month: &'static str,
    pub(crate) scans: &'static str,
    pub(crate) succeeded: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) success: &'static str,
    pub(crate) emails: &'static str,
    pub(crate) store: &'static str,
    pub(crate) scanner: &'static str,
    pub(crate) customer: &'static str,
    pub(crate) organisation: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) women: &'static str,
    pub(crate) men: &'static str,
    pub(crate) not_entered: &'static str,
    pub(crate) balance: &'static str,
    pub(crate) points: &'static str,
    pub(crate) when_utc: &'static str,
    pub(crate) what_for: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) state: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) position: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) last_seen: &'static str,
    pub(crate) not_known: &'static str,
    pub(crate) never: &'static str,
    pub(crate) none_yet: &'static str,
    /// First and last day.
    pub(crate) from_to: SayOfTwo,
    /// A number of things that are left out.
    pub(crate) and_more: Say,
}

/// What is said around charts and key figures.
pub(crate) struct Charts {
    pub(crate) key_figures: &'static str,
    /// Change, and value of the days before.
    pub(crate) against: SayOfTwo,
    /// Change in percentage points, and value of the days before.
    pub(crate) points_against: SayOfTwo,
    pub(crate) per_day: &'static str,
    pub(crate) per_week: &'static str,
    pub(crate) per_month: &'static str,
    /// Which day or week has the most, and how many.
    pub(crate) busiest: SayOfTwo,
    pub(crate) no_scans: &'static str,
    /// Day, succeeded, failed.
    pub(crate) bar: SayOfThree,
    pub(crate) result: &'static str,
    pub(crate) errors: &'static str,
    pub(crate) none_failed: &'static str,
    pub(crate) not_catalogued: &'static str,
    pub(crate) genders: &'static str,
    pub(crate) capture: &'static str,
    /// Where the bands are.
    pub(crate) bands: &'static str,
    pub(crate) band_top: &'static str,
    pub(crate) band_good: &'static str,
    pub(crate) band_fair: &'static str,
    pub(crate) band_below_par: &'static str,
    pub(crate) footfall: &'static str,
    /// Weekday, hour, visitors.
    pub(crate) visitors_at: SayOfThree,
    pub(crate) nobody_counted: &'static str,
    pub(crate) least: &'static str,
    pub(crate) most: &'static str,
    /// Of a month.
    pub(crate) target: Say,
    /// Target and how much more it is.
    pub(crate) target_gap: SayOfTwo,
    pub(crate) reached: &'static str,
    pub(crate) missed: &'static str,
    pub(crate) no_target: &'static str,
    pub(crate) trend: &'static str,
    /// Of a KPI.
    pub(crate) ranking: Say,
    pub(crate) rank_by: &'static str,
    /// Of so many stores.
    pub(crate) all_stores: Say,
}

/// The network, organisations, and what stands out in them.
pub(crate) struct Network {
    pub(crate) title: &'static str,
    /// Of so many stores.
    pub(crate) stores: Say,
    pub(crate) no_store: &'static str,
    pub(crate) how_to_begin: &'static str,
    pub(crate) organisations: &'static str,
    pub(crate) investigate: &'static str,
    pub(crate) to_look_at: &'static str,
    pub(crate) all_scan_well: &'static str,
    pub(crate) stands_out: &'static str,
    pub(crate) nothing_stands_out: &'static str,
    /// KPI, value, median.
    pub(crate) deviates: SayOfThree,
    pub(crate) goes_on: SayOfThree,
    pub(crate) look_for_it: &'static str,
    /// Where there are too many stores for what is asked of each.
    pub(crate) too_many: Say,
    pub(crate) together: &'static str,
    pub(crate) from_minus_one: &'static str,
    pub(crate) find_store: &'static str,
    pub(crate) none_found: &'static str,
}

/// A store.
pub(crate) struct Store {
    /// Zone.
    pub(crate) days_of: Say,
    pub(crate) advice: &'static str,
    pub(crate) nothing_to_do: &'static str,
    /// What helps against the error that dominates.
    pub(crate) below_70: Say,
    pub(crate) ask_for_email: &'static str,
    pub(crate) more_for_women: &'static str,
    pub(crate) more_for_men: &'static str,
    pub(crate) consistency: &'static str,
    pub(crate) open_days: &'static str,
    /// Share of days with enough scans, and how many those are.
    pub(crate) enough_scans: SayOfTwo,
    pub(crate) with_email: &'static str,
    pub(crate) longest_run: &'static str,
    pub(crate) without_scan: &'static str,
    pub(crate) scanners: &'static str,
    pub(crate) no_scanner: &'static str,
    pub(crate) elsewhere: &'static str,
}

/// Scanners.
pub(crate) struct Scanner {
    pub(crate) title: Say,
    pub(crate) find: &'static str,
    pub(crate) find_hint: &'static str,
    /// How many were found.
    pub(crate) found: Say,
    pub(crate) none_found: &'static str,
    pub(crate) stands_in: &'static str,
    pub(crate) model: &'static str,
    pub(crate) online: &'static str,
    pub(crate) offline: &'static str,
    pub(crate) last_upload: &'static str,
    /// How late.
    pub(crate) later: Say,
    pub(crate) latest_ever: &'static str,
    pub(crate) sources: &'static str,
    pub(crate) nothing_missing: &'static str,
    pub(crate) missing_numbers: &'static str,
    pub(crate) not_registered: &'static str,
    pub(crate) status: &'static str,
}

/// A customer.
pub(crate) struct Customer {
    pub(crate) title: Say,
    pub(crate) find: &'static str,
    pub(crate) find_hint: &'static str,
    /// Points and programme.
    pub(crate) points_in: SayOfTwo,
    pub(crate) no_account: &'static str,
    pub(crate) pending: &'static str,
    pub(crate) next_expiry: &'static str,
    pub(crate) tier: &'static str,
    pub(crate) movements: &'static str,
    pub(crate) stored_value: &'static str,
    pub(crate) nothing_stored: &'static str,
    pub(crate) available: &'static str,
    pub(crate) last_day: &'static str,
    pub(crate) vip: &'static str,
    pub(crate) not_known: Say,
    /// To who sees some stores.
    pub(crate) elsewhere_hidden: &'static str,
}

/// Loyalty programmes.
pub(crate) struct Programme {
    pub(crate) title: &'static str,
    pub(crate) none: &'static str,
    pub(crate) how_to_begin: &'static str,
    pub(crate) choose: &'static str,
    /// Day and zone.
    pub(crate) up_to: SayOfTwo,
    /// Unit and amount.
    pub(crate) for_every: SayOfTwo,
    pub(crate) members: &'static str,
    pub(crate) ever_had: &'static str,
    pub(crate) outstanding: &'static str,
    /// Number and unit.
    pub(crate) for_a_member: SayOfTwo,
    pub(crate) pending: &'static str,
    pub(crate) active_later: &'static str,
    pub(crate) earned: &'static str,
    pub(crate) taken_back: Say,
    pub(crate) spent: &'static str,
    pub(crate) given_back: Say,
    pub(crate) expired: &'static str,
    pub(crate) by_hand: Say,
    pub(crate) months: &'static str,
    pub(crate) nothing_moved: &'static str,
    pub(crate) never_expired: &'static str,
    pub(crate) latest_expiries: Say,
    /// Heads of the columns between month and what is outstanding.
    pub(crate) columns: [&'static str; 6],
    pub(crate) outstanding_after: &'static str,
    pub(crate) by_store: &'static str,
    pub(crate) no_store: &'static str,
    pub(crate) by_tier: &'static str,
    pub(crate) no_tier: &'static str,
    pub(crate) gifts: &'static str,
    pub(crate) no_level: &'static str,
    pub(crate) no_gift: &'static str,
    pub(crate) claimed: Say,
    pub(crate) came_back: Say,
}

/// Cards.
pub(crate) struct Cards {
    pub(crate) title: &'static str,
    pub(crate) subtitle: &'static str,
    pub(crate) owed: &'static str,
    pub(crate) none: &'static str,
    /// Currency.
    pub(crate) on_all: Say,
    pub(crate) kind: &'static str,
    /// Heads of the columns between type and what is outstanding.
    pub(crate) columns: [&'static str; 7],
    /// Type and currency.
    pub(crate) by_month: SayOfTwo,
    pub(crate) one: &'static str,
    pub(crate) find: &'static str,
    pub(crate) none_found: &'static str,
    pub(crate) card: &'static str,
    pub(crate) bearer: &'static str,
    pub(crate) happened: &'static str,
    pub(crate) gift_card: &'static str,
    pub(crate) voucher: &'static str,
    pub(crate) wallet: &'static str,
    pub(crate) credit_note: &'static str,
    pub(crate) store_credit: &'static str,
    pub(crate) active: &'static str,
    pub(crate) deactivated: &'static str,
    pub(crate) disabled: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) not_yet_valid: &'static str,
}

/// Days that changed after they were over.
pub(crate) struct Late {
    pub(crate) title: &'static str,
    pub(crate) what: &'static str,
    pub(crate) none: &'static str,
    pub(crate) recorded_from: &'static str,
    pub(crate) recorded_to: &'static str,
    pub(crate) recorded_on: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) crossed: &'static str,
    pub(crate) events: &'static str,
    pub(crate) only_1000: &'static str,
}

/// What was refused.
pub(crate) struct Refused {
    pub(crate) what: &'static str,
    pub(crate) none: &'static str,
    pub(crate) not_here: &'static str,
    pub(crate) number: &'static str,
    pub(crate) source: &'static str,
    pub(crate) code: &'static str,
    pub(crate) why: &'static str,
    pub(crate) since: &'static str,
    pub(crate) times: &'static str,
}
