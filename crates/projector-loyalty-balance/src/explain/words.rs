//! A movement in words, for a cashier to read to a customer.

use storefold_events::{Currency, Money, loyalty::LotPart};

use crate::{
    MovementKind,
    account::Days,
    movements::{How, Movement},
};

/// The factor that leaves points as they are, in ten-thousandths.
const AS_THEY_ARE_E4: u64 = 10_000;

/// How a programme calls its points, its money and its days.
pub struct Wording<'a> {
    pub unit: &'a str,
    /// None where the programme was never configured.
    pub currency: Option<Currency>,
    pub days: &'a Days,
}

impl Wording<'_> {
    /// What happened and why it came to so many points.
    pub fn explain(&self, movement: &Movement) -> String {
        let told = match movement.kind {
            MovementKind::Earned => self.earned(movement),
            MovementKind::Reversed => self.reversed(movement),
            MovementKind::Spent => self.spent(movement),
            MovementKind::GivenBack => self.given_back(movement),
            MovementKind::Activated => self.activated(movement),
            MovementKind::Expired => self.expired(movement),
            MovementKind::Moved => self.moved(movement),
        };
        told.join("; ")
    }

    fn earned(&self, movement: &Movement) -> Vec<String> {
        let mut told = Vec::new();
        let how = movement.how.as_ref();
        let sale = movement.sale.as_deref().map(|sale| format!(" of sale {sale}")).unwrap_or_default();
        if let (Some(base_minor), Some(minor_per_point)) = (movement.base_minor, movement.minor_per_point) {
            let carried_minor = how.and_then(|how| how.carried_minor).unwrap_or(0);
            let carried = match carried_minor {
                0 => String::new(),
                minor => format!(", with {} carried from earlier sales", self.money(minor)),
            };
            told.push(format!("{}{sale} earn{carried}", self.money(base_minor)));
            told.extend(self.rate(movement, base_minor.saturating_add(carried_minor), minor_per_point));
        } else if how.is_some() {
            told.push(format!("given for {}: {}", movement.reason, self.points(movement.points)));
        } else {
            let (reason, source) = (&movement.reason, &movement.source);
            told.push(format!("sent by {source} for {reason}: {}", self.points(movement.points)));
        }
        if let Some(unlimited) = how.and_then(|how| how.points_before_limit) {
            told.push(format!("a limit leaves {} of {unlimited}", movement.points));
        }
        if movement.owed < 0 {
            told.push(format!("{} of them pay what was owed", -movement.owed));
        }
        if let Some(part) = movement.parts.iter().find(|part| part.points != 0) {
            if let Some(at_ms) = part.active_from_ms {
                told.push(format!("may be spent from {} on", self.days.day_at(at_ms)));
            }
            told.push(match part.expires_at_ms {
                Some(at_ms) => format!("expire after {}", self.days.last_day(at_ms)),
                None => "never expire".to_owned(),
            });
        }
        if let Some(remainder_minor) = how.and_then(|how| how.remainder_minor).filter(|minor| *minor > 0) {
            told.push(format!("{} are carried to the next sale", self.money(remainder_minor)));
        }
        told.extend(movement.member.as_deref().map(|member| format!("bought by {member}")));
        told
    }

    /// The rate, and what multiplies it.
    fn rate(&self, movement: &Movement, spent_minor: i64, minor_per_point: i64) -> Vec<String> {
        let how = movement.how.as_ref();
        let unlimited = how.and_then(|how| how.points_before_limit).unwrap_or(movement.points);
        let rule = how.and_then(|how| how.rule.as_deref());
        let plain = spent_minor.div_euclid(minor_per_point.max(1));
        let rate = format!("{} each {}, rounded down", self.points(1), self.money(minor_per_point));
        let factor = how.filter(|how| how.factor_e4 != AS_THEY_ARE_E4);
        let of_factor = |how: &How<String>| {
            format!("times {}{}: {}", in_full(how.factor_e4), multiplied_by(how), self.points(unlimited))
        };
        match (rule, factor) {
            // A carried remainder is one of the programme's own rate, also where a rule gave more than it.
            (Some(rule), factor) if how.is_some_and(|how| how.carried_minor.is_some()) => {
                let times = factor.map(|how| format!(", times {}{}", in_full(how.factor_e4), multiplied_by(how)));
                let times = times.unwrap_or_default();
                vec![format!("the rule {rule} gives more than {rate}{times}: {}", self.points(unlimited))]
            }
            (rule, None) => vec![format!("{}{rate}: {}", by_rule(rule), self.points(unlimited))],
            (rule, Some(how)) => {
                vec![format!("{}{rate}: {}", by_rule(rule), self.points(plain)), of_factor(how)]
            }
        }
    }

    fn reversed(&self, movement: &Movement) -> Vec<String> {
        let mut told = Vec::new();
        let sale = movement.sale.as_deref().unwrap_or_default();
        let Some(taken) = movement.taken else {
            let (reason, source) = (&movement.reason, &movement.source);
            told.push(format!("taken back by {source} for {reason}: {}", self.points(-movement.points)));
            told.extend(self.lots(movement));
            return told;
        };
        let back = if taken.base_minor == 0 {
            String::new()
        } else {
            format!(" brings back {} of what earned, and", self.money(taken.base_minor))
        };
        let by = movement.return_id.as_deref().map_or_else(|| movement.reason.clone(), |id| format!("return {id}"));
        told.push(format!("{by} of sale {sale}{back} takes {} from it", self.points(taken.of_sale)));
        if taken.expired != 0 {
            told.push(format!("{} of them had expired before", taken.expired));
        }
        if taken.forgiven != 0 {
            told.push(format!("{} of them were spent and are not asked for", taken.forgiven));
        }
        told.extend(self.lots(movement));
        told
    }

    fn spent(&self, movement: &Movement) -> Vec<String> {
        let reference = movement.reference.as_deref().unwrap_or_default();
        let sale = movement.sale.as_deref().unwrap_or_default();
        let on = if movement.reason == "gift" { "for gift" } else { "for payment" };
        let mut told = vec![format!("spent {} {on} {reference} in sale {sale}", self.points(-movement.points))];
        told.extend(self.lots(movement));
        told.extend(movement.member.as_deref().map(|member| format!("spent by {member}")));
        told
    }

    fn given_back(&self, movement: &Movement) -> Vec<String> {
        let reference = movement.reference.as_deref().unwrap_or_default();
        let sale = movement.sale.as_deref().unwrap_or_default();
        let why = match movement.reason.as_str() {
            "gift" => "the gift came back",
            "return" => "the sale came back",
            "void" => "the sale was voided",
            "cancelled" => "the payment was cancelled",
            other => other,
        };
        let points = self.points(movement.points);
        let mut told = vec![format!("given back {points} that were spent on {reference} in sale {sale}: {why}")];
        told.extend(self.lots(movement));
        told
    }

    fn activated(&self, movement: &Movement) -> Vec<String> {
        let mut told = vec![format!("{} may be spent: their return window is over", self.points(movement.points))];
        told.extend(self.lots(movement));
        told
    }

    fn expired(&self, movement: &Movement) -> Vec<String> {
        let points = self.points(-movement.points);
        let day = self.days.last_day(movement.occurred_at_ms);
        if movement.reason == "inactivity" {
            let mut told = vec![format!("{points} expired after {day}: the account was not used in time")];
            told.extend(self.lots(movement));
            return told;
        }
        vec![format!("{points} expired after {day}, their last day")]
    }

    fn moved(&self, movement: &Movement) -> Vec<String> {
        let by_hand = movement.by_hand.clone().unwrap_or_default();
        let points = self.points(movement.points.abs());
        let gives = movement.points >= 0;
        let other = by_hand.counterparty.as_deref().unwrap_or("another account");
        let side = if gives { "from" } else { "to" };
        let mut told = vec![match movement.reason.as_str() {
            "adjustment" => format!("{} {points} by hand", if gives { "given" } else { "taken" }),
            "transfer_in" | "transfer_out" => format!("transferred {points} {side} {other}"),
            "transfer_cancelled" => format!("transfer undone: {points} {side} {other}"),
            "shared" => format!("an account is shared: {points} {side} {other}"),
            "reinstated" => format!("{points} that had expired are given again"),
            "extended" => "points live longer".to_owned(),
            other => format!("{other}: {points} {}", if gives { "given" } else { "taken" }),
        }];
        told.extend(self.lots(movement));
        told.extend(by_hand.author.map(|author| format!("by {author}")));
        told.extend(by_hand.note.map(|note| format!("“{note}”")));
        told.extend(by_hand.transfer.map(|transfer| format!("transfer {transfer}")));
        told.extend(by_hand.batch.map(|batch| format!("batch {batch}")));
        told
    }

    /// What went out of lots and into them, and what is owed or was paid.
    fn lots(&self, movement: &Movement) -> Option<String> {
        let lot = |part: &LotPart| {
            let (points, way) = (part.points.abs(), if part.points < 0 { "from" } else { "into" });
            let pending = if part.active_from_ms.is_some() { "pending " } else { "" };
            match part.expires_at_ms {
                Some(at_ms) => format!("{points} {way} the {pending}lot expiring {}", self.days.last_day(at_ms)),
                None => format!("{points} {way} the {pending}lot that never expires"),
            }
        };
        let mut told: Vec<_> = movement.parts.iter().filter(|part| part.points != 0).map(lot).collect();
        match movement.owed {
            0 => {}
            owed if owed > 0 => told.push(format!("{owed} are owed")),
            owed => told.push(format!("{} pay what was owed", -owed)),
        }
        if told.is_empty() { None } else { Some(told.join(", ")) }
    }

    /// So many of the programme's unit.
    fn points(&self, points: i64) -> String {
        let unit = if points == 1 { self.unit.strip_suffix('s').unwrap_or(self.unit) } else { self.unit };
        format!("{points} {unit}")
    }

    fn money(&self, amount: i64) -> String {
        match self.currency {
            Some(currency) => Money { amount, currency }.to_string(),
            None => format!("{amount} minor units"),
        }
    }
}

fn by_rule(rule: Option<&str>) -> String {
    rule.map(|rule| format!("by the rule {rule} ")).unwrap_or_default()
}

/// `1.5` of 15,000 ten-thousandths.
fn in_full(factor_e4: u64) -> String {
    let (whole, part) = (factor_e4 / AS_THEY_ARE_E4, factor_e4 % AS_THEY_ARE_E4);
    format!("{whole}.{part:04}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn multiplied_by(how: &How<String>) -> String {
    let promotion = how.promotion.as_deref().map(|promotion| format!("the promotion {promotion}"));
    let tier = how.tier.as_deref().map(|tier| format!("the tier {tier}"));
    let of: Vec<_> = promotion.into_iter().chain(tier).collect();
    if of.is_empty() { String::new() } else { format!(" for {}", of.join(" and ")) }
}
