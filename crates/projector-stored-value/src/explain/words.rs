//! A movement in words, for a cashier to read to a customer.

use storefold_events::{Money, stored_value::InstrumentKind};

use crate::{
    InstrumentMovementKind,
    given::GivenRow,
    life::{InstrumentRow, IssuedRow},
    movements::Movement,
};

/// What an instrument is, for the words about it.
pub(super) struct Wording<'r> {
    row: &'r InstrumentRow,
}

impl<'r> Wording<'r> {
    pub fn of(row: &'r InstrumentRow) -> Self {
        Self { row }
    }

    pub fn money(&self, amount: i64) -> Money {
        Money { amount, currency: self.row.currency }
    }

    /// What happened and why.
    pub fn explain(&self, movement: &Movement) -> String {
        let mut told = match movement.kind {
            InstrumentMovementKind::Issued => self.issued(movement),
            InstrumentMovementKind::Loaded => vec![self.loaded(movement)],
            InstrumentMovementKind::Redeemed => self.redeemed(movement),
            InstrumentMovementKind::Refunded => vec![self.refunded(movement)],
            InstrumentMovementKind::Expired => vec![self.expired(movement)],
            InstrumentMovementKind::Cancelled => vec![self.cancelled(movement)],
            InstrumentMovementKind::Held => {
                vec![format!("{} are held for sale {}", self.money(movement.held_minor), sale(movement))]
            }
            InstrumentMovementKind::Released => vec![self.free_again(movement, "the checkout was given up")],
            InstrumentMovementKind::Lapsed => vec![self.free_again(movement, "nobody came back to the checkout")],
            InstrumentMovementKind::Disabled => vec!["disabled: it pays no more, for ever".to_owned()],
            InstrumentMovementKind::Deactivated => {
                vec!["deactivated: it pays no more until it is reactivated".to_owned()]
            }
            InstrumentMovementKind::Reactivated => vec!["reactivated: it pays again".to_owned()],
        };
        if movement.held_minor < 0 && movement.hold.is_none() {
            let freed = self.money(movement.held_minor.saturating_neg());
            told.push(match movement.kind {
                InstrumentMovementKind::Redeemed => format!("{freed} had been held for it"),
                _ => format!("{freed} that were held are held no more"),
            });
        }
        told.extend(movement.hold.as_deref().map(|hold| format!("hold {hold}")));
        told.extend(movement.author.as_deref().map(|author| format!("by {author}")));
        // Of what was cancelled, the words say why.
        let by_hand = movement.reason.as_deref().filter(|_| movement.author.is_some());
        told.extend(by_hand.map(|reason| format!("“{reason}”")));
        told.join("; ")
    }

    fn issued(&self, movement: &Movement) -> Vec<String> {
        let kind = kind(self.row.kind);
        let what = match (self.row.kind, movement.amount_minor) {
            (InstrumentKind::Wallet, 0) => "with nothing on it yet".to_owned(),
            (_, amount_minor) => format!("with {}", self.money(amount_minor)),
        };
        let mut told = vec![match (&movement.return_id, &movement.sale) {
            (Some(return_id), _) => format!("{kind} given for return {return_id} {what}"),
            (None, Some(sale)) => format!("{kind} {} sale {sale} {what}", by_line(movement, "sold", "given out with")),
            (None, None) => format!("{kind} given out {what}"),
        }];
        match self.row.issued.as_ref().and_then(|issued| issued.given.as_ref()) {
            Some(given) => told.push(self.given(given)),
            None => told.extend(self.paid(movement)),
        }
        told.push(match self.row.issued {
            Some(IssuedRow { expires_on: Some(day), .. }) => format!("pays up to {day}, that day included"),
            _ => "never expires".to_owned(),
        });
        told
    }

    fn given(&self, given: &GivenRow) -> String {
        let by = match (&given.rule, &given.run) {
            (Some(rule), _) => format!("by rule {rule}"),
            (None, Some(run)) => format!("in run {run}"),
            (None, None) => "by nobody known".to_owned(),
        };
        let base = if given.base_minor == 0 {
            String::new()
        } else {
            format!(" for a turnover of {}", self.money(given.base_minor))
        };
        format!("given {by}{base}; it pays {} at once", self.money(given.use_minor))
    }

    fn loaded(&self, movement: &Movement) -> String {
        let more = self.money(movement.amount_minor);
        let mut told = vec![match (&movement.return_id, &movement.sale) {
            (Some(return_id), _) => format!("{more} more, given for return {return_id}"),
            (None, Some(sale)) => format!("{more} more, {} sale {sale}", by_line(movement, "loaded", "loaded with")),
            (None, None) => format!("{more} more, loaded outside a sale"),
        }];
        told.extend(self.paid(movement));
        told.join("; ")
    }

    /// What was paid, where it is not what is on the instrument for it.
    fn paid(&self, movement: &Movement) -> Option<String> {
        match movement.paid_minor {
            None => None,
            Some(paid_minor) if paid_minor == movement.amount_minor => None,
            // A sale without a line may have been paid; its event does not say how much.
            Some(0) if movement.sale.is_some() && movement.line.is_none() => None,
            Some(0) => Some("nothing was paid for it".to_owned()),
            Some(paid_minor) => Some(format!("{} were paid for it", self.money(paid_minor))),
        }
    }

    fn redeemed(&self, movement: &Movement) -> Vec<String> {
        let paid = self.money(movement.amount_minor.saturating_neg());
        let mut told = vec![format!("paid {paid} of sale {}", sale(movement))];
        if movement.forfeited_minor != 0 {
            let lost = self.money(movement.forfeited_minor);
            let what = if self.row.kind == InstrumentKind::Voucher { "a use of it" } else { "its type" };
            told.push(format!("{lost} more are lost, as {what} is spent once"));
        }
        told
    }

    fn refunded(&self, movement: &Movement) -> String {
        let (back, sale) = (self.money(movement.amount_minor), sale(movement));
        match &movement.return_id {
            Some(return_id) => format!("{back} that it had paid of sale {sale} came back with return {return_id}"),
            None => format!("{back} came back, as sale {sale} was voided"),
        }
    }

    fn expired(&self, movement: &Movement) -> String {
        let gone = self.money(movement.amount_minor.saturating_neg());
        match self.row.issued {
            Some(IssuedRow { expires_on: Some(day), .. }) => format!("{gone} are gone, as {day} was its last day"),
            _ => format!("{gone} are gone, as its last day is over"),
        }
    }

    fn cancelled(&self, movement: &Movement) -> String {
        let back = self.money(movement.amount_minor.saturating_neg());
        let put_on =
            movement.sale.as_deref().map(|sale| format!(" that sale {sale} had put on it")).unwrap_or_default();
        let why = match (&movement.return_id, movement.reason.as_deref()) {
            (Some(return_id), _) => format!("return {return_id} brought them back"),
            (None, Some("disabled")) => "it was disabled".to_owned(),
            (None, Some("void")) => "the sale was voided".to_owned(),
            (None, other) => other.unwrap_or("no reason was told").to_owned(),
        };
        format!("{back}{put_on} were taken back: {why}")
    }

    fn free_again(&self, movement: &Movement, why: &str) -> String {
        let freed = self.money(movement.held_minor.saturating_neg());
        format!("{freed} held for sale {} are free again: {why}", sale(movement))
    }
}

fn sale(movement: &Movement) -> &str {
    movement.sale.as_deref().unwrap_or("unknown")
}

/// What a line of a sale did, or else the sale.
fn by_line(movement: &Movement, by_line: &str, otherwise: &str) -> String {
    movement.line.map_or_else(|| otherwise.to_owned(), |line| format!("{by_line} by line {line} of"))
}

fn kind(kind: InstrumentKind) -> &'static str {
    match kind {
        InstrumentKind::GiftCard => "gift card",
        InstrumentKind::Wallet => "wallet",
        InstrumentKind::CreditNote => "credit note",
        InstrumentKind::StoreCredit => "store credit",
        InstrumentKind::Voucher => "voucher",
    }
}
