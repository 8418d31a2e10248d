use std::sync::Arc;

use axum::{Router, body::Body, http::Request};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use storefold_event_log::{Block, Header, History, ReadError, Record, Slab, Tenant};
use storefold_events::{Position, codec, wire};
use storefold_http_kit::{Metrics, Site};
use storefold_query_api::log_routes;
use tower::ServiceExt;
use uuid::Uuid;

use crate::world::scan;

/// Records of one event; those from `damaged_from` on cannot be read.
struct Stored {
    records: Vec<Record>,
    damaged_from: Position,
}

impl History for Stored {
    fn position(&self) -> Position {
        self.records.len() as Position
    }

    fn slab(&self, after: Position) -> Result<Option<Slab>, ReadError> {
        if after + 1 >= self.damaged_from {
            return Err(ReadError::Damaged {
                after,
                detail: "the block of position 4 has another checksum".to_owned(),
            });
        }
        let two = self.records.iter().skip(after as usize).take(2).cloned().collect::<Vec<_>>();
        Ok((!two.is_empty()).then(|| Slab::loose(two)))
    }
}

fn stored(count: u64, damaged_from: Position) -> (Vec<Record>, Router) {
    let mut records: Vec<Record> = Vec::new();
    for position in 1..=count {
        let mut bytes = Vec::new();
        let event = wire::read_value(scan("S", position, "2026-11-23T10:15:00+01:00")).unwrap();
        codec::encode(&event, &mut bytes);
        let header = Header {
            record_id: Uuid::from_u128(position.into()),
            tenant: Tenant::new("acme").unwrap(),
            first_position: position,
            recorded_at_ms: 0,
            previous_hash: records.last().map(Record::hash).unwrap_or_default(),
        };
        records.push(Record::seal(header, 1, &bytes).unwrap());
    }
    let history = Arc::new(Stored { records: records.clone(), damaged_from });
    let site = Site::new(Metrics::default()).api(|| log_routes(Tenant::new("acme").unwrap(), history));
    (records, site.into_router())
}

async fn get(router: &Router, path: &str) -> (u16, Result<Bytes, String>) {
    let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await;
    (status, body.map(http_body_util::Collected::to_bytes).map_err(|error| error.to_string()))
}

fn json_of(body: Result<Bytes, String>) -> Value {
    serde_json::from_slice(&body.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn history_comes_in_blocks_from_a_position_on_and_says_where_it_ends() {
    let (records, router) = stored(5, Position::MAX);
    let (_, end) = get(&router, "/v1/log").await;
    assert_eq!(json_of(end), json!({"tenant": "acme", "position": 5, "hash": records[4].hash().to_string()}));
    for after in 0..=5 {
        let (status, body) = get(&router, &format!("/v1/log/blocks?after={after}")).await;
        let (mut rest, mut come) = (body.unwrap(), Vec::new());
        while !rest.is_empty() {
            let block = rest.split_to(Block::length_bytes(&rest).unwrap());
            come.extend(Block::read(block).unwrap().unpack().unwrap());
        }
        assert_eq!((status, come.as_slice()), (200, &records[after..]), "after {after}");
    }
    let (status, beyond) = get(&router, "/v1/log/blocks?after=6").await;
    assert_eq!((status, &json_of(beyond)["code"]), (503, &json!("not_there_yet")));
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_named_to_whoever_asks_for_it_and_never_ends_a_whole_answer() {
    let (_, router) = stored(5, 4);
    let (status, refused) = get(&router, "/v1/log/blocks?after=3").await;
    let refused = json_of(refused);
    assert_eq!((status, &refused["code"]), (500, &json!("log_damaged")));
    assert!(refused["detail"].as_str().unwrap().contains("the block of position 4 has another checksum"), "{refused}");
    let (status, cut) = get(&router, "/v1/log/blocks?after=0").await;
    assert_eq!((status, cut.unwrap_err().as_str()), (200, "the body was not written to its end"));
}
