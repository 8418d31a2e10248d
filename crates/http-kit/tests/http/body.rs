use std::convert::Infallible;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, stream};
use storefold_http_kit::{BodyRefused, FIRST_BYTES_KEPT, NotRead, Room, read_body};

const LIMIT: usize = 10_000;

fn in_pieces(size: usize, pieces: usize) -> Body {
    let piece = Bytes::from(vec![b'x'; size / pieces]);
    Body::from_stream(stream::iter((0..pieces).map(move |_| Ok::<_, Infallible>(piece.clone()))))
}

fn announced(size: usize) -> HeaderMap {
    [(header::CONTENT_LENGTH, HeaderValue::from(size))].into_iter().collect()
}

#[tokio::test]
async fn a_body_up_to_the_limit_is_read_whole() {
    for pieces in [1, 2, 10] {
        for headers in [HeaderMap::new(), announced(LIMIT)] {
            let body = read_body(&headers, in_pieces(LIMIT, pieces), LIMIT).await.unwrap();
            assert_eq!(body.len(), LIMIT);
        }
    }
    assert_eq!(read_body(&HeaderMap::new(), Body::empty(), LIMIT).await.unwrap(), Bytes::new());
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_its_size_and_beginning() {
    for pieces in [1, 2, 5] {
        for headers in [HeaderMap::new(), announced(LIMIT + 10)] {
            let refused = read_body(&headers, in_pieces(LIMIT + 10, pieces), LIMIT).await.unwrap_err();
            let BodyRefused::TooLarge { size_bytes, first } = refused else { panic!("{refused:?}") };
            assert_eq!(size_bytes, LIMIT as u64 + 10);
            assert_eq!(first.len(), FIRST_BYTES_KEPT);
        }
    }
}

#[tokio::test]
async fn a_client_that_asks_first_is_not_made_to_send() {
    let mut headers = announced(LIMIT + 1);
    headers.insert(header::EXPECT, HeaderValue::from_static("100-continue"));
    let never_sent = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    let refused = read_body(&headers, never_sent, LIMIT).await.unwrap_err();
    assert_eq!(refused, BodyRefused::TooLarge { size_bytes: LIMIT as u64 + 1, first: Bytes::new() });
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused_with_what_came() {
    let pieces = [Ok(Bytes::from_static(b"{\"source")), Err(std::io::Error::other("the cable is cut"))];
    let refused = read_body(&HeaderMap::new(), Body::from_stream(stream::iter(pieces)), LIMIT).await.unwrap_err();
    let BodyRefused::Broken { detail, size_bytes, first } = refused else { panic!("{refused:?}") };
    assert!(detail.contains("the cable is cut"), "{detail}");
    assert_eq!((size_bytes, first), (8, Bytes::from_static(b"{\"source")));
}

#[tokio::test]
async fn a_body_takes_room_as_it_comes_and_not_as_it_is_announced() {
    let room = Room::of(8_192);
    let begun = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"begun"))]).chain(stream::pending());
    let headers = announced(8_192);
    let mut slow = std::pin::pin!(room.read(&headers, Body::from_stream(begun), LIMIT));
    assert!((&mut slow).now_or_never().is_none());

    // The slow one has a piece of 1,024 bytes.
    let (body, held) = room.read(&HeaderMap::new(), in_pieces(6_000, 6), LIMIT).await.unwrap();
    assert_eq!(body.len(), 6_000);
    let none_left = room.read(&HeaderMap::new(), in_pieces(2_000, 2), LIMIT).await;
    let Err(NotRead::NoRoom(problem)) = none_left else { panic!("there is room for 1,024 more at most") };
    assert_eq!(problem.code(), "overloaded");
    assert_eq!(room.read(&HeaderMap::new(), in_pieces(1_000, 2), LIMIT).await.unwrap().0.len(), 1_000);
    drop(held);
    assert_eq!(room.read(&HeaderMap::new(), in_pieces(7_000, 7), LIMIT).await.unwrap().0.len(), 7_000);

    // What finds no room gives back what it had, though the rest of it is still being sent.
    let piece = Bytes::from(vec![b'x'; 1_000]);
    let endless = stream::iter((0..9).map(move |_| Ok::<_, Infallible>(piece.clone()))).chain(stream::pending());
    let mut refused = std::pin::pin!(room.read(&headers, Body::from_stream(endless), LIMIT));
    assert!((&mut refused).now_or_never().is_none());
    assert_eq!(room.read(&HeaderMap::new(), in_pieces(7_000, 7), LIMIT).await.unwrap().0.len(), 7_000);
}
