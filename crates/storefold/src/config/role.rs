//! What a node does, and for whom.

use clap::ValueEnum;
use serde::Deserialize;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Everybody may ask and change everything
    Open,
    /// Only who has signed in, or has a token, and as far as was granted
    Required,
}

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Takes events in and answers queries
    All,
    /// Takes events in
    Write,
    /// Answers queries; follows a log on NATS, as many of them as wanted
    Read,
    /// Stands in a store: keeps what scanners and tills send, and sends it on to the centre when the line is up
    Edge,
}

impl Role {
    /// Whether it has the sequencer.
    pub fn writes(self) -> bool {
        matches!(self, Self::All | Self::Write)
    }

    /// Whether it has the read models.
    pub fn reads(self) -> bool {
        matches!(self, Self::All | Self::Read)
    }
}
