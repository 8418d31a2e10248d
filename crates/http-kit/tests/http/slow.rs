//! Who is slow on purpose holds no place for long.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, routing};
use storefold_http_kit::{Connections, HEAD_TIME_MAX, IDLE_TIME_MAX, STALL_TIME_MAX, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};

const LARGE_BYTES: usize = 256 << 20;

async fn start() -> SocketAddr {
    let router = Router::new()
        .route("/quick", routing::get(|| async { "quick" }))
        .route("/large", routing::get(|| async { vec![b'x'; LARGE_BYTES] }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, Connections::default(), std::future::pending()));
    address
}

/// Sends bytes one by one, and says after how long the server has had enough; it answers nothing.
async fn drip(stream: &mut TcpStream, bytes: &[u8], every: Duration) -> Duration {
    let started = Instant::now();
    for byte in bytes {
        if stream.write_all(&[*byte]).await.is_err() {
            break;
        }
        sleep(every).await;
    }
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    assert_eq!(String::from_utf8_lossy(&answer), "");
    started.elapsed()
}

fn is_about(took: Duration, limit: Duration) -> bool {
    (limit..limit + Duration::from_secs(3)).contains(&took)
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_byte_by_byte_is_cut_off() {
    let address = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let endless = [b"GET /quick HTTP/1.1\r\nx: ".as_slice(), &[b'x'; 200]].concat();
    let took = drip(&mut stream, &endless, Duration::from_secs(1)).await;
    assert!(took < Duration::from_mins(5), "it was cut off before all was sent: {took:?}");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let took = drip(&mut stream, b"GET /qu", Duration::from_millis(1)).await;
    assert!(is_about(took, HEAD_TIME_MAX), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_second_head_has_no_more_time_and_who_is_idle_has() {
    let address = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = async |stream: &mut TcpStream| {
        stream.write_all(b"GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"quick") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
        }
    };
    for _ in 0..3 {
        ask(&mut stream).await;
        sleep(HEAD_TIME_MAX * 3).await;
    }
    let took = drip(&mut stream, b"GET /qu", Duration::from_millis(1)).await;
    assert!(is_about(took, HEAD_TIME_MAX), "{took:?}");
    let mut idle = TcpStream::connect(address).await.unwrap();
    let took = drip(&mut idle, b"", Duration::ZERO).await;
    assert!(is_about(took, IDLE_TIME_MAX), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_of_an_answer_is_cut_off() {
    let address = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    sleep(STALL_TIME_MAX * 2).await;
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    assert!(answer.len() < LARGE_BYTES, "what was in the buffers of the system: {} bytes", answer.len());
}
