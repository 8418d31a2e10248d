//! Bodies that are refused whole: nothing of them is taken, and a note of them is in quarantine.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use storefold_http_kit::{Connections, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    facts::{lines, msgpack, scan},
    world::{Answer, World},
};

/// The body is refused with a problem, and kept as far as it can be.
async fn is_refused(world: &World, answer: &Answer, status: u16, code: &str, says: &str) -> Value {
    assert_eq!((answer.status, answer.content_type.as_str()), (status, "application/problem+json"), "{answer:?}");
    assert_eq!((&answer.json["code"], &answer.json["status"]), (&json!(code), &json!(status)));
    let detail = answer.json["detail"].as_str().unwrap();
    assert!(detail.contains(says), "`{says}` is not in `{detail}`");
    let entries = world.quarantined(code).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!((&entries[0]["detail"], &entries[0]["retriable"]), (&json!(detail), &json!(false)));
    assert_eq!(world.post("application/json", scan(77).to_string()).await.position, Some(2), "nothing was taken");
    entries[0].clone()
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let good = scan(1).to_string();
    for body in ["{", "[", "nonsense", &format!("[{good}"), &format!("{good}{good}"), &format!("[{good}] trailing")] {
        let world = World::start().await;
        let answer = world.post("application/json", body.to_owned()).await;
        let entry = is_refused(&world, &answer, 400, "unparseable", "send it well-formed, or one event a line").await;
        assert_eq!((&entry["sent_text"], &entry["sent_bytes"]), (&json!(body), &json!(body.len())));
    }
}

#[tokio::test]
async fn a_body_that_is_no_messagepack_is_refused() {
    let good = msgpack(&[scan(1), scan(2)]);
    for (body, says) in [
        (good[..good.len() - 1].to_vec(), "it ends in the middle of a value"),
        ([&good, &b"\x01"[..]].concat(), "something follows its first value; send several events as one array"),
        (b"\xdd\xff\xff\xff\xff".to_vec(), "it ends in the middle of a value"),
        (b"\xdb\xff\xff\xff\xff".to_vec(), "it ends in the middle of a value"),
        (b"\x91\xc1".to_vec(), "it holds the byte 0xc1"),
        (b"\x81\xa6source\xa2\xff\xfe".to_vec(), "the body cannot be read"),
    ] {
        let world = World::start().await;
        let answer = world.post("application/msgpack", body).await;
        is_refused(&world, &answer, 400, "unparseable", says).await;
    }
}

#[tokio::test]
async fn a_body_of_invalid_utf_8_is_refused() {
    let world = World::start().await;
    let answer = world.post("application/json", &b"[{\"source\": \"\xff\xfe\"}]"[..]).await;
    let entry = is_refused(&world, &answer, 400, "unparseable", "the body cannot be read").await;
    assert_eq!(entry["sent_text"], "[{\"source\": \"\u{fffd}\u{fffd}\"}]");
}

#[tokio::test]
async fn an_empty_body_is_refused() {
    for (content_type, body) in
        [("application/json", ""), ("application/x-ndjson", "\r\n \n"), ("application/msgpack", "")]
    {
        let world = World::start().await;
        let answer = world.post(content_type, body).await;
        is_refused(&world, &answer, 400, "unparseable", "the body is empty; send one event").await;
    }
}

#[tokio::test]
async fn ten_thousand_and_one_events_are_refused() {
    let events: Vec<Value> = (1..=10_001).map(scan).collect();
    for (content_type, body) in [
        ("application/x-ndjson", lines(&events).into_bytes()),
        ("application/json", json!(events).to_string().into_bytes()),
        ("application/msgpack", msgpack(&events)),
    ] {
        let world = World::start().await;
        let size = body.len();
        let answer = world.post(content_type, body).await;
        let says = "the body has 10001 events and at most 10000 are taken at once; send them in parts";
        let entry = is_refused(&world, &answer, 413, "too_many_events", says).await;
        assert_eq!((&answer.json["limit"], &entry["sent_bytes"]), (&json!(10_000), &json!(size)));
        let start = entry["sent_text"].as_str().unwrap();
        assert!((1..=4_096).contains(&start.chars().count()) && start.contains("scanner-0012"));
    }
}

#[tokio::test]
async fn nine_mebibytes_are_refused() {
    let size = 9 << 20;
    let body = || Body::from(vec![b' '; size]);
    let announced = Request::post("/v1/events").header(header::CONTENT_LENGTH, size).body(body()).unwrap();
    let streamed = Request::post("/v1/events").body(body()).unwrap();
    for request in [announced, streamed] {
        let world = World::start().await;
        let answer = world.ask(request).await;
        let says = "the body has 9437184 bytes or more and at most 8388608 are taken at once; send it in parts";
        let entry = is_refused(&world, &answer, 413, "body_too_large", says).await;
        assert_eq!((&answer.json["limit"], &entry["sent_bytes"]), (&json!(8_388_608), &json!(size)));
        assert_eq!(entry["sent_text"], " ".repeat(4_096));
    }
}

#[tokio::test]
async fn another_content_type_is_refused() {
    for content_type in ["text/csv", "application/x-www-form-urlencoded", "application/jsonp", "", "\u{fc}"] {
        let world = World::start().await;
        let answer = world.post(content_type, scan(1).to_string()).await;
        let says = "is not read here; send application/json, application/x-ndjson or application/msgpack";
        is_refused(&world, &answer, 415, "unsupported_media_type", says).await;
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let world = World::start().await;
    let pieces = [Ok("{\"source\""), Err(std::io::Error::other("the cable is cut"))];
    let answer = world.post("application/json", Body::from_stream(futures::stream::iter(pieces))).await;
    is_refused(&world, &answer, 400, "unparseable", "the body broke off after 9 bytes").await;
}

#[tokio::test]
async fn a_compressed_body_is_refused() {
    let world = World::start().await;
    let request = Request::post("/v1/events")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_ENCODING, "gzip")
        .body(Body::from(&b"\x1f\x8b\x08"[..]));
    let answer = world.ask(request.unwrap()).await;
    let says = "the content type `application/json in gzip` is not read here";
    is_refused(&world, &answer, 415, "unsupported_media_type", says).await;
}

#[tokio::test]
async fn a_client_that_sends_too_much_still_reads_why() {
    let world = World::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, world.router.clone(), Connections::default(), std::future::pending()));
    let size = 9 << 20;
    let mut client = TcpStream::connect(address).await.unwrap();
    let head = format!("POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: {size}\r\n\r\n");
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(&vec![b' '; size]).await.unwrap();
    let mut answer = vec![0; 12];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
    assert_eq!(world.quarantined("body_too_large").await.len(), 1);
}
