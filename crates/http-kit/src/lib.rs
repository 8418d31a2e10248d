//! What every HTTP route of Storefold shares, and the one place that knows status codes.
//!
//! An API crate writes handlers that answer a value or a [`Problem`]; a [`Site`] puts the routes of several crates
//! together with their OpenAPI document, health, metrics and a guard around every request; [`serve`] answers
//! connections until it is told to stop.
//!
//! What it is not: it knows no event, no read model and no right; it reads no configuration.
//!
//! Limits: HTTP/1.1, over TLS where a certificate is given; at most [`CONNECTIONS_MAX`] connections, of one address
//! [`CONNECTIONS_PER_ADDRESS_MAX`]; a head of [`HEAD_BYTES_MAX`] bytes within [`HEAD_TIME_MAX`], a request answered within
//! [`REQUEST_TIME_MAX`]; [`REQUESTS_PER_SECOND_MAX`] for each address; a client that takes nothing of an answer for
//! [`STALL_TIME_MAX`] is cut off.

mod clock;
pub use clock::Clock;
mod problem;
pub use problem::Problem;
mod position;
pub use position::{AT_LEAST, AT_LEAST_TIME_MAX, POSITION_HEADER, at_least, at_position};
mod params;
pub use params::Params;
mod body;
mod room;
pub use body::{BodyRefused, DRAINED_BYTES_MAX, FIRST_BYTES_KEPT, read_body};
pub use room::{Held, NotRead, Room};
mod admission;
pub use admission::{ANSWERED_WITHIN, Admission, Admitted};
mod written_body;
pub use written_body::{BodyWriter, STALL_TIME_MAX, written_body};
mod metrics;
pub use metrics::Metrics;
mod peers;
pub use peers::{come_from, peer};
mod allowance;
mod limits;
pub use limits::{AddressLimit, COUNTED_BYTES, REQUESTS_PER_SECOND_MAX, RequestLimit};
mod guesses;
pub use guesses::{MISS_PAUSE, MISSES_MAX, Missed};
mod who;
pub use who::{SendsOnly, SignedInAs, Standing, StillStands, sent_from_here};
mod guard;
pub use guard::REQUEST_TIME_MAX;
mod ready;
pub use ready::{Check, NotReady};
mod describe;
pub use describe::{Describe, Fault, ParameterDocs};
mod docs;
mod site;
pub use site::Site;
mod stopping;
pub use stopping::Stopping;
mod tls;
pub use tls::{ServerTls, TlsError, TlsFiles};
mod server;
pub use server::{
    CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, Connections, GRACE_TIME_MAX, HEAD_BYTES_MAX, HEAD_TIME_MAX,
    IDLE_TIME_MAX, serve,
};
mod calling;
pub use calling::{Caller, NoAnswer, TrustError, innermost};
