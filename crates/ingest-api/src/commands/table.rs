//! The commands: what is ordered, and the event that it becomes.

/// One command.
pub(crate) struct Command {
    /// As it stands in the path.
    pub(crate) name: &'static str,
    /// The type of the event that stands in the log when the answer is yes.
    pub(crate) event_type: &'static str,
}

const fn command(name: &'static str, event_type: &'static str) -> Command {
    Command { name, event_type }
}

/// All of them; every type of event that producers send has one.
pub(crate) static COMMANDS: &[Command] = &[
    command("validate-sale", "SaleValidated"),
    command("return-sale", "SaleReturned"),
    command("void-sale", "SaleVoided"),
    command("claim-gift", "GiftClaimed"),
    command("return-gift", "GiftReturned"),
    command("redeem-points", "PointsRedeemed"),
    command("cancel-redemption", "RedemptionCancelled"),
    command("adjust-points", "PointsAdjusted"),
    command("transfer-points", "PointsTransferred"),
    command("cancel-transfer", "PointsTransferCancelled"),
    command("extend-expiry", "ExpiryExtended"),
    command("reinstate-points", "PointsReinstated"),
    command("grant-points", "PointsEarned"),
    command("take-back-points", "PointsReversed"),
    command("create-customer", "CustomerCreated"),
    command("join-account", "AccountJoined"),
    command("leave-account", "AccountLeft"),
    command("assign-tier", "TierAssigned"),
    command("record-interaction", "InteractionRecorded"),
    command("configure-programme", "LoyaltyProgramConfigured"),
    command("configure-earning-rule", "EarningRuleConfigured"),
    command("configure-promotion", "LoyaltyPromotionConfigured"),
    command("configure-tiers", "LoyaltyTiersConfigured"),
    command("define-level", "LoyaltyLevelDefined"),
    command("remove-level", "LoyaltyLevelRemoved"),
    command("assign-gift", "GiftProductAssigned"),
    command("withdraw-gift", "GiftProductWithdrawn"),
    command("issue-gift-card", "GiftCardIssued"),
    command("issue-credit-note", "CreditNoteIssued"),
    command("open-wallet", "WalletOpened"),
    command("load-wallet", "WalletLoaded"),
    command("hold-instrument", "InstrumentHeld"),
    command("release-hold", "HoldReleased"),
    command("disable-instrument", "InstrumentDisabled"),
    command("deactivate-instrument", "InstrumentDeactivated"),
    command("reactivate-instrument", "InstrumentReactivated"),
    command("configure-instrument-type", "InstrumentTypeConfigured"),
    command("assign-vip-card", "VipCardAssigned"),
    command("use-vip-card", "VipCardUsed"),
    command("withdraw-vip-card", "VipCardWithdrawn"),
    command("define-voucher-rule", "VoucherRuleDefined"),
    command("launch-voucher-run", "VoucherRunLaunched"),
    command("grant-voucher", "VoucherGranted"),
    command("configure-messaging", "MessagingConfigured"),
    command("define-price-rule", "PriceRuleDefined"),
    command("set-prices", "PriceSet"),
    command("count-footfall", "FootfallCounted"),
    command("update-customer", "CustomerUpdated"),
    command("grant-consent", "ConsentGranted"),
    command("withdraw-consent", "ConsentWithdrawn"),
    command("answer-survey", "SurveyAnswered"),
    command("define-kpi", "KpiDefined"),
    command("set-target", "TargetSet"),
    command("close-month", "MonthClosed"),
    command("open-action-plan", "ActionPlanOpened"),
    command("close-action-plan", "ActionPlanClosed"),
    command("open-challenge", "ChallengeOpened"),
    command("close-challenge", "ChallengeClosed"),
    command("place-order", "OrderPlaced"),
    command("configure-store", "StoreConfigured"),
    command("register-scanner", "ScannerRegistered"),
    command("assign-scanner", "ScannerAssignedToStore"),
    command("connect-scanner", "ScannerConnected"),
    command("disconnect-scanner", "ScannerDisconnected"),
    command("capture-scan", "ScanCaptured"),
    command("attach-email", "EmailAttachedToScan"),
    command("accept-offline-spend", "OfflineSpendAccepted"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use storefold_events::EVENT_TYPES;

    use super::COMMANDS;

    #[test]
    fn every_type_that_is_sent_has_one_command() {
        let sent: BTreeSet<_> = EVENT_TYPES.iter().filter(|info| info.sent).map(|info| info.name).collect();
        let becomes: BTreeSet<_> = COMMANDS.iter().map(|command| command.event_type).collect();
        let names: BTreeSet<_> = COMMANDS.iter().map(|command| command.name).collect();
        assert_eq!(becomes, sent);
        assert_eq!((names.len(), becomes.len()), (COMMANDS.len(), COMMANDS.len()));
    }
}
