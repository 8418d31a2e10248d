//! The one list of event types.

use schemars::{Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    EventType, Malformed, Scope,
    access::{
        AccessGranted, AccessRevoked, DataDownloaded, DataPolicySet, PasswordSet, SignedIn, SignedOut, TokenIssued,
        TokenRevoked, UserInvited,
    },
    customer::{ConsentGranted, ConsentWithdrawn, CustomerCreated, CustomerErased, CustomerUpdated},
    footfall::FootfallCounted,
    improvement::{ActionPlanClosed, ActionPlanOpened, ChallengeClosed, ChallengeOpened},
    kpi::{KpiDefined, MonthClosed, TargetSet},
    loyalty::{
        AccountJoined, AccountLeft, ClockTicked, EarningRuleConfigured, ExpiryExtended, GiftClaimed,
        GiftProductAssigned, GiftProductWithdrawn, GiftReturned, InteractionRecorded, LoyaltyLevelDefined,
        LoyaltyLevelRemoved, LoyaltyProgramConfigured, LoyaltyPromotionConfigured, LoyaltyTiersConfigured,
        PointsActivated, PointsAdjusted, PointsEarned, PointsExpired, PointsGivenBack, PointsMoved, PointsRedeemed,
        PointsReinstated, PointsReversed, PointsSpent, PointsTransferCancelled, PointsTransferred, RedemptionCancelled,
        TierAssigned, TierChanged, TierDowngradeWarned,
    },
    message::{MessageRequested, MessagingConfigured},
    offline::{OfflineSpendAccepted, ShortfallRecorded},
    order::OrderPlaced,
    price::{PriceRuleDefined, PriceSet},
    sale::{ReturnValued, SaleReturned, SaleReversed, SaleValidated, SaleVoided},
    scan::{
        EmailAttachedToScan, ScanCaptured, ScanIdentified, ScannerAssignedToStore, ScannerConnected,
        ScannerDisconnected, ScannerRegistered,
    },
    store::StoreConfigured,
    stored_value::{
        CreditNoteIssued, GiftCardIssued, HoldLapsed, HoldReleased, InstrumentCancelled, InstrumentDeactivated,
        InstrumentDisabled, InstrumentExpired, InstrumentHeld, InstrumentIssued, InstrumentLoaded,
        InstrumentReactivated, InstrumentRedeemed, InstrumentRefunded, InstrumentTypeConfigured, VipCardAssigned,
        VipCardUsed, VipCardWithdrawn, VoucherGranted, VoucherRuleDefined, VoucherRunLaunched, WalletLoaded,
        WalletOpened,
    },
    survey::SurveyAnswered,
};

/// What is known of a type without an event of it at hand.
pub struct EventTypeInfo {
    /// The name in `type`.
    pub name: &'static str,
    /// The version that is written today.
    pub version: u16,
    /// The oldest version that is read.
    pub read_from_version: u16,
    /// Whether it needs a store.
    pub scope: Scope,
    /// Whether a producer may send it.
    pub sent: bool,
    /// Whether it may be decided here.
    pub decided: bool,
    /// Whether it is decided here without a cause.
    pub of_itself: bool,
    /// The JSON Schema of its `data`.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    index: Index,
}

// A macro, because one line per type has to become a variant, an entry of the table and an arm of each dispatch:
// written out, a new event would be added in five places.
macro_rules! event_types {
    ($($name:ident),+ $(,)?) => {
        /// The body of an event, by type.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each variant is documented at the type it holds")]
        pub enum Payload<'a> {
            $($name($name<'a>),)+
        }

        /// Every type there is, in the order of this list.
        pub static EVENT_TYPES: &[EventTypeInfo] = &[
            $(EventTypeInfo {
                name: $name::NAME,
                version: $name::VERSION,
                read_from_version: $name::READ_FROM_VERSION,
                scope: $name::SCOPE,
                sent: $name::SENT,
                decided: $name::DECIDED,
                of_itself: $name::OF_ITSELF,
                schema: <$name<'static> as schemars::JsonSchema>::json_schema,
                index: Index::$name,
            },)+
        ];

        impl<'a> Payload<'a> {
            /// What is known of the event's type.
            pub fn info(&self) -> &'static EventTypeInfo {
                match self {
                    $(Self::$name(_) => &EVENT_TYPES[Index::$name as usize],)+
                }
            }

            /// Everything that can be wrong with the body taken by itself.
            pub fn check(&self) -> Result<(), Malformed> {
                match self {
                    $(Self::$name(body) => body.check(),)+
                }
            }

            /// Reads the body of a type in a version that is read.
            pub(crate) fn read<D: Deserializer<'a>>(info: &EventTypeInfo, body: D) -> Result<Self, D::Error> {
                match info.index {
                    $(Index::$name => $name::deserialize(body).map(Self::$name),)+
                }
            }
        }

        impl Serialize for Payload<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$name(body) => body.serialize(serializer),)+
                }
            }
        }

        $(impl<'a> From<$name<'a>> for Payload<'a> {
            fn from(body: $name<'a>) -> Self {
                Self::$name(body)
            }
        })+

        /// Its place in [`EVENT_TYPES`].
        #[derive(Clone, Copy)]
        enum Index {
            $($name,)+
        }

        impl Index {
            fn named(name: &[u8]) -> Option<Self> {
                $(if name == $name::NAME.as_bytes() {
                    return Some(Self::$name);
                })+
                None
            }
        }
    };
}

event_types! {
    ScanCaptured,
    SaleValidated,
    PointsEarned,
    EmailAttachedToScan,
    ScanIdentified,
    SaleReturned,
    ReturnValued,
    PointsReversed,
    SaleVoided,
    SaleReversed,
    CustomerCreated,
    GiftCardIssued,
    OrderPlaced,
    StoreConfigured,
    ScannerRegistered,
    ScannerAssignedToStore,
    LoyaltyProgramConfigured,
    EarningRuleConfigured,
    LoyaltyPromotionConfigured,
    LoyaltyLevelDefined,
    LoyaltyLevelRemoved,
    GiftProductAssigned,
    GiftProductWithdrawn,
    LoyaltyTiersConfigured,
    GiftClaimed,
    GiftReturned,
    PointsRedeemed,
    RedemptionCancelled,
    PointsAdjusted,
    PointsTransferred,
    PointsTransferCancelled,
    AccountJoined,
    AccountLeft,
    ExpiryExtended,
    PointsReinstated,
    TierAssigned,
    InteractionRecorded,
    ClockTicked,
    PointsSpent,
    PointsGivenBack,
    PointsActivated,
    PointsExpired,
    PointsMoved,
    TierChanged,
    TierDowngradeWarned,
    InstrumentTypeConfigured,
    CreditNoteIssued,
    WalletOpened,
    WalletLoaded,
    InstrumentHeld,
    HoldReleased,
    HoldLapsed,
    InstrumentDisabled,
    InstrumentDeactivated,
    InstrumentReactivated,
    InstrumentIssued,
    InstrumentLoaded,
    InstrumentRedeemed,
    InstrumentRefunded,
    InstrumentExpired,
    InstrumentCancelled,
    VipCardAssigned,
    VipCardUsed,
    VipCardWithdrawn,
    VoucherRuleDefined,
    VoucherRunLaunched,
    VoucherGranted,
    MessagingConfigured,
    MessageRequested,
    PriceRuleDefined,
    PriceSet,
    FootfallCounted,
    CustomerUpdated,
    ConsentGranted,
    ConsentWithdrawn,
    SurveyAnswered,
    KpiDefined,
    TargetSet,
    MonthClosed,
    ActionPlanOpened,
    ActionPlanClosed,
    ChallengeOpened,
    ChallengeClosed,
    ScannerConnected,
    ScannerDisconnected,
    UserInvited,
    AccessGranted,
    AccessRevoked,
    PasswordSet,
    SignedIn,
    SignedOut,
    DataPolicySet,
    TokenIssued,
    TokenRevoked,
    DataDownloaded,
    OfflineSpendAccepted,
    ShortfallRecorded,
    CustomerErased,
}

impl EventTypeInfo {
    /// The type with this name.
    pub fn named(name: impl AsRef<[u8]>) -> Option<&'static Self> {
        Index::named(name.as_ref()).map(|index| &EVENT_TYPES[index as usize])
    }

    /// Whether this release reads a version of it. What an older one lacks has a default.
    pub fn reads(&self, version: u64) -> bool {
        (u64::from(self.read_from_version)..=u64::from(self.version)).contains(&version)
    }
}
