//! What may be chosen.

use std::time::Duration;

use crate::SignIn;

/// How the log is kept, and how long answers are waited for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many servers keep the stream: 1, 3 or 5. It is taken when the stream is created; a stream with fewer is
    /// refused.
    pub replicas: usize,
    /// The longest wait for one answer of the server.
    pub answer_timeout: Duration,
    /// How long opening the log, an append or a reader without answers is tried before it is given up. A cluster takes
    /// up to nine seconds to elect another leader. The last answer may still be waited for after that.
    pub give_up_after: Duration,
    /// Where the server tells how it is set: its monitoring port (`http://HOST:8222`), or a user of its system account
    /// (`nats://USER:PASSWORD@HOST:4222`). Without it the log opens with a warning, since no other user may ask.
    pub monitor_url: Option<String>,
    /// Who connects.
    pub sign_in: SignIn,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            replicas: 1,
            answer_timeout: Duration::from_secs(2),
            give_up_after: Duration::from_secs(10),
            monitor_url: None,
            sign_in: SignIn::default(),
        }
    }
}
