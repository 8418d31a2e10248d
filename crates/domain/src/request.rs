//! Facts that ask: what follows is handed to somebody only when the answer is yes.

use storefold_events::Payload;

/// Whether a fact asks for points or money, or for something that they buy, so that a refusal settles it: the customer has left
/// without, or has had the answer. Taken later, when the balance happens to allow it, it would take them for nothing.
/// Sales, returns and scans have happened whatever the answer.
pub fn is_request(payload: &Payload<'_>) -> bool {
    matches!(
        payload,
        Payload::GiftClaimed(_)
            | Payload::PointsRedeemed(_)
            | Payload::PointsAdjusted(_)
            | Payload::PointsTransferred(_)
            | Payload::PointsTransferCancelled(_)
            | Payload::ExpiryExtended(_)
            | Payload::PointsReinstated(_)
            | Payload::TierAssigned(_)
            | Payload::AccountJoined(_)
            | Payload::AccountLeft(_)
            | Payload::WalletLoaded(_)
            | Payload::InstrumentHeld(_)
            | Payload::InstrumentReactivated(_)
            | Payload::VipCardUsed(_)
    )
}
