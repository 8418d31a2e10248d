//! Which decider is asked about an event, and which state follows from it.

use storefold_events::{Event, Key, Payload, Position};

use crate::{
    Denied, Knowledge, Programmes, Store, access, account, by_hand, catalogue, clock, customer, giving_back, kpi,
    messages, offline, prices,
    programme::{self, PROGRAMMES},
    ranking,
    registered::Once,
    sale, scan, shared, spending, store, stored_value,
};

/// An event that a fact brings about, before it has a place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caused {
    /// The store it counts in.
    pub store: Option<String>,
    /// The time it counts at, in ms since 1970 UTC.
    pub occurred_at_ms: i64,
    /// What it says.
    pub payload: Payload<'static>,
}

impl Caused {
    /// An effect that counts where and when its cause does.
    pub(crate) fn beside(event: &Event<'_>, payload: impl Into<Payload<'static>>) -> Self {
        let store = event.store.as_ref().map(ToString::to_string);
        Self { store, occurred_at_ms: event.occurred_at_ms, payload: payload.into() }
    }

    /// The event to record: in the name of the cause's source, naming the cause's position.
    pub fn event(self, source: &str, cause: Position) -> Event<'static> {
        Event {
            source: source.to_owned().into(),
            key: Key::Caused,
            store: self.store.map(Into::into),
            occurred_at_ms: self.occurred_at_ms,
            cause: Some(cause),
            payload: self.payload,
        }
    }
}

/// Decides about a fact that is not yet recorded: the events it causes, in order, or why it is not taken.
///
/// Changes nothing: what is known changes by [`evolve`], once the fact and its effects have a position.
///
/// # Errors
/// [`Denied::Refused`] when the books contradict it; [`Denied::Failed`] when they could not be read.
#[expect(clippy::too_many_lines, reason = "a line for every type of event: a list to look things up in")]
pub fn decide<K: Knowledge>(event: &Event<'_>, known: &mut K) -> Result<Vec<Caused>, Denied<K::Error>> {
    if let (Some(id), Payload::StoreConfigured(body)) = (&event.store, &event.payload) {
        return store::decide_configured(id, body, known).map(|()| Vec::new());
    }
    let at = store::known(event.store.as_deref(), "store", known)?;
    let nothing = |(): ()| Vec::new();
    match &event.payload {
        Payload::ScanCaptured(body) => scan::decide_captured(body, known).map(nothing),
        Payload::EmailAttachedToScan(body) => scan::decide_email(body, known),
        Payload::SaleValidated(body) => {
            store::sells_in(at.as_ref(), body.currency)?;
            let mut caused = sale::decide_validated(event, body, at.as_ref(), known)?;
            caused.extend(stored_value::decide_sale(event, body, at.as_ref(), known)?);
            Ok(caused)
        }
        Payload::SaleReturned(body) => {
            store::sells_in(at.as_ref(), body.currency)?;
            Once::Return.decide(&body.return_id, known)?;
            sale::decide_returned(event, body, known)
        }
        Payload::SaleVoided(body) => sale::decide_voided(event, body, known),
        Payload::CustomerCreated(body) => customer::decide_created(event, body, at.as_ref(), known),
        Payload::InteractionRecorded(body) => customer::decide_interaction(event, body, at.as_ref(), known),
        Payload::CustomerErased(body) => customer::decide_erased(body, known).map(nothing),
        Payload::GiftCardIssued(_)
        | Payload::CreditNoteIssued(_)
        | Payload::InstrumentTypeConfigured(_)
        | Payload::WalletOpened(_)
        | Payload::WalletLoaded(_)
        | Payload::InstrumentHeld(_)
        | Payload::HoldReleased(_)
        | Payload::InstrumentDisabled(_)
        | Payload::InstrumentDeactivated(_)
        | Payload::InstrumentReactivated(_)
        | Payload::VipCardAssigned(_)
        | Payload::VipCardUsed(_)
        | Payload::VipCardWithdrawn(_)
        | Payload::VoucherRuleDefined(_)
        | Payload::VoucherRunLaunched(_)
        | Payload::VoucherGranted(_) => stored_value::decide(event, at.as_ref(), known),
        Payload::OrderPlaced(body) => {
            store::known(body.delivery.store.as_deref(), "data.delivery.store", known)?;
            Once::Order.decide(&body.order, known).map(nothing)
        }
        Payload::PointsEarned(body) => {
            let is_decided = body.sale.is_some() || body.accrual.is_some();
            account::decide_sent((&body.programme, &body.customer), is_decided, body.points, known).map(nothing)
        }
        Payload::PointsReversed(body) => {
            let is_decided = body.sale.is_some() || body.taken.is_some();
            account::decide_sent((&body.programme, &body.customer), is_decided, -body.points, known).map(nothing)
        }
        Payload::PointsAdjusted(body) => by_hand::decide_adjusted(event, body, known),
        Payload::PointsTransferred(body) => by_hand::decide_transferred(event, body, known),
        Payload::PointsTransferCancelled(body) => by_hand::decide_transfer_cancelled(event, body, known),
        Payload::ExpiryExtended(body) => by_hand::decide_extended(event, body, known),
        Payload::PointsReinstated(body) => by_hand::decide_reinstated(event, body, known),
        Payload::LoyaltyLevelDefined(body) => catalogue::decide_level(event, body, known).map(nothing),
        Payload::LoyaltyLevelRemoved(body) => catalogue::decide_level_removed(body, known).map(nothing),
        Payload::GiftProductAssigned(body) => catalogue::decide_assigned(body, known).map(nothing),
        Payload::GiftProductWithdrawn(body) => {
            catalogue::decide_withdrawn(&body.programme, &body.sku, known).map(nothing)
        }
        Payload::GiftClaimed(body) => spending::decide_claimed(event, body, at.as_ref(), known),
        Payload::GiftReturned(body) => giving_back::decide_gift_returned(event, body, known),
        Payload::PointsRedeemed(body) => spending::decide_redeemed(event, body, at.as_ref(), known),
        Payload::RedemptionCancelled(body) => giving_back::decide_cancelled(event, body, known),
        Payload::EarningRuleConfigured(body) => programme::decide_part(&body.programme, known).map(nothing),
        Payload::LoyaltyPromotionConfigured(body) => programme::decide_part(&body.programme, known).map(nothing),
        Payload::LoyaltyTiersConfigured(body) => programme::decide_part(&body.programme, known).map(nothing),
        Payload::TierAssigned(body) => ranking::decide_assigned(event, body, known),
        Payload::AccountJoined(body) => shared::decide_joined(event, body, known),
        Payload::AccountLeft(body) => shared::decide_left(body, known).map(nothing),
        Payload::SurveyAnswered(_)
        | Payload::KpiDefined(_)
        | Payload::TargetSet(_)
        | Payload::MonthClosed(_)
        | Payload::ActionPlanOpened(_)
        | Payload::ActionPlanClosed(_)
        | Payload::ChallengeOpened(_)
        | Payload::ChallengeClosed(_) => kpi::decide(event, known).map(nothing),
        Payload::UserInvited(_)
        | Payload::AccessGranted(_)
        | Payload::AccessRevoked(_)
        | Payload::PasswordSet(_)
        | Payload::SignedIn(_)
        | Payload::SignedOut(_)
        | Payload::DataPolicySet(_)
        | Payload::TokenIssued(_)
        | Payload::TokenRevoked(_)
        | Payload::DataDownloaded(_) => access::decide(event, known).map(nothing),
        Payload::ScannerRegistered(_)
        | Payload::ScannerAssignedToStore(_)
        | Payload::ScannerConnected(_)
        | Payload::ScannerDisconnected(_)
        | Payload::LoyaltyProgramConfigured(_)
        | Payload::StoreConfigured(_)
        | Payload::ScanIdentified(_)
        | Payload::ReturnValued(_)
        | Payload::SaleReversed(_)
        | Payload::ClockTicked(_)
        | Payload::PointsSpent(_)
        | Payload::PointsGivenBack(_)
        | Payload::PointsActivated(_)
        | Payload::PointsExpired(_)
        | Payload::PointsMoved(_)
        | Payload::TierChanged(_)
        | Payload::TierDowngradeWarned(_)
        | Payload::InstrumentIssued(_)
        | Payload::InstrumentLoaded(_)
        | Payload::InstrumentRedeemed(_)
        | Payload::InstrumentRefunded(_)
        | Payload::InstrumentExpired(_)
        | Payload::InstrumentCancelled(_)
        | Payload::HoldLapsed(_)
        | Payload::MessagingConfigured(_)
        | Payload::MessageRequested(_)
        | Payload::PriceRuleDefined(_)
        | Payload::PriceSet(_)
        | Payload::FootfallCounted(_)
        | Payload::CustomerUpdated(_)
        | Payload::ConsentGranted(_)
        | Payload::ConsentWithdrawn(_)
        | Payload::OfflineSpendAccepted(_)
        | Payload::ShortfallRecorded(_) => Ok(Vec::new()),
    }
}

/// Keeps what later decisions need of an event that is recorded at a position, sent or caused. Effects follow their cause, as in the log.
#[expect(clippy::too_many_lines, reason = "a line for every type of event: a list to look things up in")]
pub fn evolve<K: Knowledge>(position: Position, event: &Event<'_>, known: &mut K) -> Result<(), K::Error> {
    match &event.payload {
        Payload::ScanCaptured(body) => scan::evolve_captured(event, body, known),
        Payload::ScanIdentified(body) => scan::evolve_identified(body, known),
        Payload::SaleValidated(body) => sale::evolve_validated(event, body, known),
        Payload::SaleReturned(body) => {
            Once::Return.evolve(&body.return_id, known)?;
            sale::evolve_returned(body, known)
        }
        Payload::SaleVoided(body) => sale::evolve_voided(body, known),
        Payload::CustomerCreated(body) => customer::evolve_created(event, body, known),
        Payload::InteractionRecorded(body) => customer::evolve_interaction(body, known),
        Payload::CustomerUpdated(body) => customer::evolve_updated(body, known),
        Payload::CustomerErased(body) => customer::evolve_erased(body, known),
        Payload::InstrumentTypeConfigured(_)
        | Payload::InstrumentHeld(_)
        | Payload::HoldReleased(_)
        | Payload::HoldLapsed(_)
        | Payload::InstrumentDisabled(_)
        | Payload::InstrumentDeactivated(_)
        | Payload::InstrumentReactivated(_)
        | Payload::InstrumentIssued(_)
        | Payload::InstrumentLoaded(_)
        | Payload::InstrumentRedeemed(_)
        | Payload::InstrumentRefunded(_)
        | Payload::InstrumentExpired(_)
        | Payload::InstrumentCancelled(_)
        | Payload::VipCardAssigned(_)
        | Payload::VipCardWithdrawn(_)
        | Payload::VoucherRuleDefined(_)
        | Payload::VoucherRunLaunched(_) => stored_value::evolve(event, known),
        Payload::PriceRuleDefined(body) => prices::evolve_rule(event.occurred_at_ms, body, known),
        Payload::PriceSet(body) => prices::evolve_set(event.occurred_at_ms, body, known),
        Payload::MessagingConfigured(body) => messages::evolve_configured(event.occurred_at_ms, body, known),
        Payload::OfflineSpendAccepted(body) => offline::evolve_accepted(body, known),
        Payload::OrderPlaced(body) => Once::Order.evolve(&body.order, known),
        Payload::PointsEarned(body) => {
            let programmes: Programmes = known.get(PROGRAMMES)?.unwrap_or_default();
            account::evolve_earned(event, body, &programmes, known)?;
            sale::evolve_earned(event, body, &programmes, known)
        }
        Payload::PointsReversed(body) => {
            let lot = sale::evolve_reversed(body, known)?;
            account::evolve_reversed(event, body, lot, known)
        }
        Payload::PointsTransferred(body) => by_hand::evolve_transferred(body, known),
        Payload::PointsTransferCancelled(body) => by_hand::evolve_transfer_cancelled(body, known),
        Payload::PointsMoved(body) => {
            account::evolve_reinstated(body, known)?;
            account::evolve_movement(event, (&body.programme, &body.customer), &body.movement, known)
        }
        Payload::PointsSpent(body) => {
            account::evolve_movement(event, (&body.programme, &body.customer), &body.movement, known)?;
            spending::evolve_spent(body, known)
        }
        Payload::PointsGivenBack(body) => {
            account::evolve_movement(event, (&body.programme, &body.customer), &body.movement, known)?;
            giving_back::evolve_given_back(body, known)
        }
        Payload::PointsRedeemed(body) => Once::Redemption.evolve(&body.redemption, known),
        Payload::ClockTicked(body) => clock::evolve_ticked(event.occurred_at_ms, body, known),
        Payload::PointsExpired(body) => clock::evolve_expired(body, known),
        Payload::PointsActivated(body) => {
            clock::change(&body.programme, &body.customer, known, |account| account.lots.apply(&body.movement))
        }
        Payload::LoyaltyLevelDefined(_)
        | Payload::LoyaltyLevelRemoved(_)
        | Payload::GiftProductAssigned(_)
        | Payload::GiftProductWithdrawn(_) => catalogue::evolve(&event.payload, known),
        Payload::LoyaltyProgramConfigured(_)
        | Payload::EarningRuleConfigured(_)
        | Payload::LoyaltyPromotionConfigured(_)
        | Payload::LoyaltyTiersConfigured(_) => programme::evolve(position, event, known),
        Payload::TierChanged(body) => ranking::evolve_changed(event, body, known),
        Payload::TierDowngradeWarned(body) => ranking::evolve_warned(event, body, known),
        Payload::AccountJoined(body) => shared::evolve_joined(body, known),
        Payload::AccountLeft(body) => shared::evolve_left(body, known),
        Payload::StoreConfigured(body) => match &event.store {
            Some(id) => known.put(id, &Store::new(body)),
            None => Ok(()),
        },
        Payload::SurveyAnswered(_)
        | Payload::KpiDefined(_)
        | Payload::TargetSet(_)
        | Payload::MonthClosed(_)
        | Payload::ActionPlanOpened(_)
        | Payload::ActionPlanClosed(_)
        | Payload::ChallengeOpened(_)
        | Payload::ChallengeClosed(_) => kpi::evolve(&event.payload, known),
        Payload::UserInvited(_)
        | Payload::AccessGranted(_)
        | Payload::AccessRevoked(_)
        | Payload::PasswordSet(_)
        | Payload::SignedIn(_)
        | Payload::SignedOut(_)
        | Payload::DataPolicySet(_)
        | Payload::TokenIssued(_)
        | Payload::TokenRevoked(_)
        | Payload::DataDownloaded(_) => access::evolve(&event.payload, known),
        Payload::EmailAttachedToScan(_)
        | Payload::ScannerRegistered(_)
        | Payload::ScannerAssignedToStore(_)
        | Payload::ScannerConnected(_)
        | Payload::ScannerDisconnected(_)
        | Payload::ReturnValued(_)
        | Payload::SaleReversed(_)
        | Payload::PointsAdjusted(_)
        | Payload::ExpiryExtended(_)
        | Payload::PointsReinstated(_)
        | Payload::GiftClaimed(_)
        | Payload::GiftReturned(_)
        | Payload::RedemptionCancelled(_)
        | Payload::GiftCardIssued(_)
        | Payload::CreditNoteIssued(_)
        | Payload::WalletOpened(_)
        | Payload::WalletLoaded(_)
        | Payload::VipCardUsed(_)
        | Payload::VoucherGranted(_)
        | Payload::MessageRequested(_)
        | Payload::FootfallCounted(_)
        | Payload::ConsentGranted(_)
        | Payload::ConsentWithdrawn(_)
        | Payload::ShortfallRecorded(_)
        | Payload::TierAssigned(_) => Ok(()),
    }
}
