//! Loyalty programmes and the rule in force at a time (rows 2.25, 2.26, 2.33, B3, B5, B13, B14, B23).

use chrono::Datelike;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency, Event, Payload, Position, Text,
    loyalty::{Expiry, LoyaltyProgramConfigured, NegativePolicy, RefundExpiry, Rounding, TaxBase, Terms},
    sale::{SaleLine, SaleValidated},
};

use crate::{
    Aggregate, Denied, Knowledge, Refusal, Store,
    calendar::Calendar,
    lots::LotTimes,
    offers::{Offers, Percent, Rate},
    standing::{Judged, Standing},
    tiers::Tiers,
};

/// How a programme values sales from a time on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The programme.
    pub programme: String,
    /// Where it stands in the log.
    pub position: Position,
    /// In force from this time on (inclusive), in ms since 1970 UTC.
    pub from_ms: i64,
    /// Sales in this currency earn.
    pub currency: Currency,
    /// What has to be spent for a point, 1 or more.
    pub minor_per_point: i64,
    /// What happens to the rest.
    pub rounding: Rounding,
    /// Whether lines with a discount earn.
    pub earn_on_discounted: bool,
    zone: Option<String>,
    brand: Option<String>,
    expiry: Option<Expiry>,
    pending_days: u32,
    pub(crate) negative: NegativePolicy,
    pub(crate) refund_expiry: RefundExpiry,
    pub(crate) reinstate_days: u32,
    pub(crate) without_tax: bool,
    families_excluded: Vec<String>,
    tenders_excluded: Vec<String>,
    pub(crate) points_per_sale_max: Option<i64>,
    pub(crate) points_per_day_max: Option<i64>,
    pub(crate) welcome_points: i64,
    /// Points by kind of interaction, and how often.
    rewards: Vec<(String, i64, Option<u32>)>,
    /// How many customers may share an account, its holder included.
    pub(crate) members_per_account_max: u32,
}

/// All rules of all programmes, kept together: there are few, and every sale asks them all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programmes {
    /// By programme, then by time; of two rules from the same time the later recorded one stands last and holds.
    rules: Vec<Rule>,
    pub(crate) rates: Offers<Rate>,
    pub(crate) promotions: Offers<Percent>,
    /// By programme, then by time, as the rules.
    tiers: Vec<Tiers>,
}

impl Aggregate for Programmes {
    const KIND: u8 = b'l';
}

/// Programmes are kept under the empty identifier.
pub(crate) const PROGRAMMES: &str = "";

impl Programmes {
    /// Whether the programme has any rule.
    pub fn has(&self, programme: &str) -> bool {
        self.rules.iter().any(|rule| rule.programme == programme)
    }

    /// The rule of each programme that is in force at a time.
    pub fn in_force(&self, at_ms: i64) -> impl Iterator<Item = &Rule> {
        self.rules
            .chunk_by(|a, b| a.programme == b.programme)
            .filter_map(move |rules| rules.iter().rev().find(|rule| rule.from_ms <= at_ms))
    }

    /// Whether accounts of a programme may be shared, or might have been.
    pub(crate) fn shares(&self, programme: &str) -> bool {
        self.rules.iter().any(|rule| rule.programme == programme && rule.members_per_account_max > 1)
    }

    /// The rule of a programme at a time; its first rule for what was before that.
    pub(crate) fn rule(&self, programme: &str, at_ms: i64) -> Option<&Rule> {
        let first = || self.rules.iter().find(|rule| rule.programme == programme);
        self.in_force(at_ms).find(|rule| rule.programme == programme).or_else(first)
    }

    /// Takes a configured rule in.
    pub(crate) fn configured(&mut self, position: Position, from_ms: i64, event: &LoyaltyProgramConfigured<'_>) {
        let rule = Rule::new(position, from_ms, event);
        let at =
            self.rules.partition_point(|other| (&other.programme, other.from_ms) <= (&rule.programme, rule.from_ms));
        self.rules.insert(at, rule);
    }
}

impl Programmes {
    /// Takes configured tiers in.
    pub(crate) fn tiers_configured(&mut self, tiers: Tiers) {
        let at =
            self.tiers.partition_point(|other| (&other.programme, other.from_ms) <= (&tiers.programme, tiers.from_ms));
        self.tiers.insert(at, tiers);
    }

    /// The tiers of a programme that are in force at a time.
    pub(crate) fn tiers(&self, programme: &str, at_ms: i64) -> Option<&Tiers> {
        self.tiers.iter().rev().find(|tiers| tiers.programme == programme && tiers.from_ms <= at_ms)
    }

    /// A standing beside the tiers that hold for it at a time; `None` where there are no tiers.
    pub(crate) fn judge(&self, programme: &str, at_ms: i64, standing: Option<&Standing>) -> Option<Judged<'_>> {
        let tiers = self.tiers(programme, at_ms)?;
        let calendar = self.rule(programme, at_ms)?.calendar();
        Some(Judged { standing: standing.cloned().unwrap_or_default(), tiers, calendar })
    }
}

impl Rule {
    fn new(position: Position, from_ms: i64, event: &LoyaltyProgramConfigured<'_>) -> Self {
        let plain = Terms::default();
        let terms = event.terms.as_deref().unwrap_or(&plain);
        let owned = |text: &Option<Text<'_>>| text.as_ref().map(ToString::to_string);
        let all = |texts: &[Text<'_>]| texts.iter().map(ToString::to_string).collect();
        Self {
            programme: Text::as_str(&event.programme).to_owned(),
            position,
            from_ms,
            currency: event.currency,
            minor_per_point: event.minor_per_point,
            rounding: event.rounding,
            earn_on_discounted: event.earn_on_discounted,
            zone: owned(&terms.zone),
            brand: owned(&terms.brand),
            expiry: terms.expiry,
            pending_days: terms.pending_days,
            negative: terms.negative,
            refund_expiry: terms.refund_expiry,
            reinstate_days: terms.reinstate_days,
            without_tax: terms.base.tax == TaxBase::Excluded,
            families_excluded: all(&terms.base.families_excluded),
            tenders_excluded: all(&terms.base.tenders_excluded),
            points_per_sale_max: terms.limits.points_per_sale_max,
            points_per_day_max: terms.limits.points_per_day_max,
            welcome_points: terms.welcome_points,
            rewards: terms
                .rewards
                .iter()
                .map(|reward| (reward.kind.to_string(), reward.points, reward.times_max))
                .collect(),
            members_per_account_max: terms.limits.members_per_account_max.unwrap_or(1),
        }
    }

    /// The programme's day of an instant, as days since 0001-01-01.
    pub(crate) fn day_number(&self, at_ms: i64) -> i32 {
        self.calendar().day(at_ms).num_days_from_ce()
    }

    /// Whether what does not reach a point is kept for the next sale.
    pub(crate) fn carries(&self) -> bool {
        self.rounding == Rounding::CarryRemainder
    }

    pub(crate) fn calendar(&self) -> Calendar {
        Calendar::of(self.zone.as_deref())
    }

    /// Points for an interaction of a kind that the customer was rewarded for `times` times.
    pub(crate) fn reward(&self, kind: &str, times: u32) -> i64 {
        let reward = self.rewards.iter().find(|(other, ..)| other == kind);
        reward.filter(|(.., times_max)| times_max.is_none_or(|max| times < max)).map_or(0, |(_, points, _)| *points)
    }

    /// Whether facts of a store belong to the programme's brand; facts without a store always do.
    pub(crate) fn takes_part(&self, store: Option<&Store>) -> bool {
        let (Some(brand), Some(store)) = (&self.brand, store) else { return true };
        store.is_of(brand)
    }

    /// Whether a line earns.
    pub(crate) fn line_earns(&self, line: &SaleLine<'_>) -> bool {
        self.earns(line.discount_minor > 0, line.family.as_deref())
    }

    /// Whether a line of a family earns.
    pub(crate) fn earns(&self, is_discounted: bool, family: Option<&str>) -> bool {
        let excluded = |family: &str| self.families_excluded.iter().any(|name| name == family);
        (self.earn_on_discounted || !is_discounted) && !family.is_some_and(excluded)
    }

    /// Whether what is paid by a tender does not earn.
    pub(crate) fn excludes_tender(&self, kind: &str) -> bool {
        self.tenders_excluded.iter().any(|name| name == kind)
    }

    /// What of a sale was paid by means that do not earn.
    pub(crate) fn excluded_minor(&self, sale: &SaleValidated<'_>) -> i64 {
        sale.tenders.iter().filter(|tender| self.excludes_tender(&tender.kind)).map(|tender| tender.amount_minor).sum()
    }

    /// The lot of points that are earned at a time by a sale, which may have to wait for its return window.
    pub(crate) fn lot_of_sale(&self, earned_at_ms: i64) -> LotTimes {
        let pending = (self.pending_days > 0).then(|| self.calendar().end_of_days(earned_at_ms, self.pending_days));
        LotTimes { active_from_ms: pending, ..self.lot(earned_at_ms) }
    }

    /// The lot of points that are active when they are given.
    pub(crate) fn lot(&self, given_at_ms: i64) -> LotTimes {
        let expires =
            self.expiry.and_then(|expiry| self.calendar().expires_at_ms(given_at_ms, expiry.policy, expiry.count));
        LotTimes { expires_at_ms: expires, active_from_ms: None }
    }

    /// From when on all points are gone of an account that was last active at a time; `None` when they stay.
    pub(crate) fn inactive_from_ms(&self, active_at_ms: i64) -> Option<i64> {
        let expiry =
            self.expiry.filter(|expiry| expiry.policy == storefold_events::loyalty::ExpiryPolicy::Inactivity)?;
        Some(self.calendar().end_of_days(active_at_ms, expiry.count))
    }
}

/// What is configured beside a programme needs the programme.
pub(crate) fn decide_part<K: Knowledge>(programme: &str, known: &mut K) -> Result<(), Denied<K::Error>> {
    let programmes: Programmes = known.get(PROGRAMMES).map_err(Denied::Failed)?.unwrap_or_default();
    if programmes.has(programme) {
        return Ok(());
    }
    Err(Refusal::UnknownProgramme { programme: programme.to_owned() }.into())
}

/// Keeps what was configured of a programme, from the event's time on.
pub(crate) fn evolve<K: Knowledge>(position: Position, event: &Event<'_>, known: &mut K) -> Result<(), K::Error> {
    let mut programmes: Programmes = known.get(PROGRAMMES)?.unwrap_or_default();
    let from_ms = event.occurred_at_ms;
    match &event.payload {
        Payload::LoyaltyProgramConfigured(body) => programmes.configured(position, from_ms, body),
        Payload::EarningRuleConfigured(body) => programmes.rates.configured(position, from_ms, body),
        Payload::LoyaltyPromotionConfigured(body) => programmes.promotions.configured(position, from_ms, body),
        Payload::LoyaltyTiersConfigured(body) => programmes.tiers_configured(Tiers::new(position, from_ms, body)),
        _ => return Ok(()),
    }
    known.put(PROGRAMMES, &programmes)
}
