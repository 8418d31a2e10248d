//! One event a request.

use anyhow::Result;

use super::{Figure, Peer, Row, ndjson};
use crate::{Plan, feed::Mix};

const CONNECTIONS: u32 = 64;

pub(super) async fn measure(plan: &Plan, row: &Row, mix: Mix, peer: Option<Peer>) -> Result<Figure> {
    ndjson::figure(plan, row, mix, peer, (CONNECTIONS, 1, "requests/s")).await
}
