//! What can be wrong with one event taken by itself. Codes are stable: producers act on them.

use thiserror::Error;

use crate::{LINES_MAX, TEXT_BYTES_MAX};

/// Why an event cannot be taken as it is; the message says what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    /// Neither JSON nor MessagePack, or nested too deeply.
    #[error("this cannot be read ({detail}); send one well-formed event")]
    Unparseable {
        /// What the parser met, and where.
        detail: String,
    },
    /// Something other than an object where an event belongs.
    #[error("an event is an object with source, seq or id, occurred_at, type and data; this is {found}")]
    NotAnEvent {
        /// What was sent instead.
        found: &'static str,
    },
    /// A type that nobody has defined.
    #[error("`{event_type}` is not an event type; the types are listed in proto-schemas")]
    UnknownType {
        /// The type as sent.
        event_type: String,
    },
    /// A version that this release does not know.
    #[error("version {version} of {event_type} is unknown here; send version {known}")]
    UnknownVersion {
        /// The type.
        event_type: &'static str,
        /// The version as sent.
        version: u64,
        /// The version that is understood.
        known: u16,
    },
    /// A field that must be there.
    #[error("`{field}` is missing; send it")]
    MissingField {
        /// Path of the field.
        field: String,
    },
    /// A field that nobody would read.
    #[error("`{field}` is not a field of this event; remove it or correct its name")]
    UnknownField {
        /// Path of the field.
        field: String,
    },
    /// A number where a string belongs, and the like.
    #[error("`{field}` has the wrong type: {detail}")]
    WrongType {
        /// Path of the field.
        field: String,
        /// What was found and what is expected.
        detail: String,
    },
    /// A value of the right type that makes no sense.
    #[error("`{field}` {detail}")]
    InvalidValue {
        /// Path of the field.
        field: String,
        /// What is wrong with the value and what would be right.
        detail: String,
    },
    /// A value that makes no sense, in a way that has a code of its own.
    #[error("`{field}` {detail}")]
    Unfit {
        /// The code.
        code: &'static str,
        /// Path of the field.
        field: String,
        /// What is wrong with the value and what would be right.
        detail: &'static str,
    },
    /// A string beyond the limit.
    #[error("`{field}` is a string of {bytes} bytes; send at most {TEXT_BYTES_MAX}")]
    StringTooLong {
        /// Path of the field.
        field: String,
        /// Its length.
        bytes: usize,
    },
    /// More lines than a sale, a return or an order may have.
    #[error("`{field}` has {count} lines; send at most {LINES_MAX}")]
    TooManyLines {
        /// Path of the field.
        field: String,
        /// How many were sent.
        count: usize,
    },
    /// A quantity of zero or less.
    #[error("`{field}` is {quantity}; a quantity is 1 or more, and goods that come back are a SaleReturned")]
    QuantityNotPositive {
        /// Path of the field.
        field: String,
        /// As sent.
        quantity: i64,
    },
    /// An amount below zero, beyond what it is a part of, or beyond 64 bits.
    #[error("`{field}` is {amount_minor}; it must be from 0 to {limit_minor} (minor units)")]
    AmountOutOfRange {
        /// Path of the field.
        field: String,
        /// As sent.
        amount_minor: i64,
        /// The largest amount that makes sense here.
        limit_minor: i64,
    },
    /// An amount of nothing or less where something is given or paid.
    #[error("`{field}` is {amount_minor}; it must be 1 or more (minor units)")]
    AmountNotPositive {
        /// Path of the field.
        field: String,
        /// As sent.
        amount_minor: i64,
    },
    /// A point that costs nothing.
    #[error("`{field}` is {minor_per_point}; a point costs 1 minor unit or more")]
    EarnRateNotPositive {
        /// Path of the field.
        field: String,
        /// As sent.
        minor_per_point: i64,
    },
    /// Something done by hand that nobody answers for.
    #[error("`{field}` is missing; say why it is done and who does it")]
    ReasonMissing {
        /// Path of the field.
        field: &'static str,
    },
    /// Tiers that do not begin one above the other.
    #[error("`{field}` overlap; each tier begins above the one before it, the first at 1 or more")]
    TiersOverlap {
        /// Path of the field.
        field: &'static str,
    },
    /// Tenders that do not pay what is due.
    #[error("the tenders sum to {tendered_minor} and the lines to {due_minor} (minor units); they must be equal")]
    TendersDiffer {
        /// Sum of the tenders.
        tendered_minor: i64,
        /// Sum of the lines.
        due_minor: i64,
    },
    /// A currency that ISO 4217 does not list.
    #[error("`{currency}` is not a currency of ISO 4217; send a code such as EUR")]
    UnknownCurrency {
        /// Path of the field.
        field: String,
        /// As sent.
        currency: String,
    },
    /// A zone that the IANA database does not list.
    #[error("`{zone}` is not a zone of the IANA database; send a name such as Europe/Paris")]
    UnknownZone {
        /// As sent.
        zone: String,
    },
    /// A local time that could be any instant.
    #[error("`{occurred_at}` has no offset from UTC; send it as 2026-11-23T10:15:00+01:00")]
    OccurredAtWithoutOffset {
        /// As sent.
        occurred_at: String,
    },
    /// Counters start at 1.
    #[error("`seq` is 0; count from 1")]
    SeqZero,
    /// Two keys at once.
    #[error("the event has both `seq` and `id`; send `seq` when the producer can count, otherwise `id`")]
    SeqAndId,
    /// No key at all.
    #[error("the event has neither `seq` nor `id`; send `seq`, counting from 1 per source, or a UUID as `id`")]
    NeitherSeqNorId,
}

impl Malformed {
    /// The stable code that a producer can act on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unparseable { .. } => "unparseable",
            Self::NotAnEvent { .. } => "not_an_event",
            Self::UnknownType { .. } => "unknown_type",
            Self::UnknownVersion { .. } => "unknown_version",
            Self::MissingField { .. } => "missing_field",
            Self::UnknownField { .. } => "unknown_field",
            Self::WrongType { .. } => "wrong_type",
            Self::InvalidValue { .. } => "invalid_value",
            Self::Unfit { code, .. } => code,
            Self::StringTooLong { .. } => "string_too_long",
            Self::TooManyLines { .. } => "too_many_lines",
            Self::QuantityNotPositive { .. } => "quantity_not_positive",
            Self::AmountOutOfRange { .. } => "amount_out_of_range",
            Self::AmountNotPositive { .. } => "amount_not_positive",
            Self::EarnRateNotPositive { .. } => "earn_rate_not_positive",
            Self::ReasonMissing { .. } => "reason_missing",
            Self::TiersOverlap { .. } => "tiers_overlap",
            Self::TendersDiffer { .. } => "tenders_differ",
            Self::UnknownCurrency { .. } => "unknown_currency",
            Self::UnknownZone { .. } => "unknown_zone",
            Self::OccurredAtWithoutOffset { .. } => "occurred_at_without_offset",
            Self::SeqZero => "seq_zero",
            Self::SeqAndId => "seq_and_id",
            Self::NeitherSeqNorId => "neither_seq_nor_id",
        }
    }

    /// The field to correct, as a path from the event: `data.lines[0].quantity`.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Unparseable { .. } | Self::NotAnEvent { .. } => None,
            Self::UnknownType { .. } => Some("type"),
            Self::UnknownVersion { .. } => Some("version"),
            Self::MissingField { field }
            | Self::UnknownField { field }
            | Self::WrongType { field, .. }
            | Self::InvalidValue { field, .. }
            | Self::Unfit { field, .. }
            | Self::StringTooLong { field, .. }
            | Self::TooManyLines { field, .. }
            | Self::QuantityNotPositive { field, .. }
            | Self::AmountOutOfRange { field, .. }
            | Self::AmountNotPositive { field, .. }
            | Self::EarnRateNotPositive { field, .. }
            | Self::UnknownCurrency { field, .. } => Some(field),
            Self::ReasonMissing { field } | Self::TiersOverlap { field } => Some(field),
            Self::TendersDiffer { .. } => Some("data.tenders"),
            Self::UnknownZone { .. } => Some("data.zone"),
            Self::OccurredAtWithoutOffset { .. } => Some("occurred_at"),
            Self::SeqZero | Self::SeqAndId | Self::NeitherSeqNorId => Some("seq"),
        }
    }
}
