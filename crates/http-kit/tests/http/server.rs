use axum::{Router, routing};
use storefold_http_kit::{Connections, HEAD_BYTES_MAX, Metrics, Site, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot},
};

static ENTERED: Semaphore = Semaphore::const_new(0);
static LEAVE: Semaphore = Semaphore::const_new(0);

async fn waits() -> &'static str {
    ENTERED.add_permits(1);
    LEAVE.acquire().await.unwrap().forget();
    "done"
}

async fn start() -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let pages = Router::new().route("/quick", routing::get(|| async { "quick" })).route("/waits", routing::get(waits));
    let router = Site::new(Metrics::default()).pages(pages).into_router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(serve(listener, router, Connections::default(), async { drop(stopped.await) }));
    (address, stop, server)
}

async fn answer_to(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn requests_under_way_finish_when_the_server_stops() {
    let (address, stop, server) = start().await;
    let waiting = tokio::spawn(answer_to(address, "GET /waits HTTP/1.1\r\nhost: x\r\n\r\n"));
    ENTERED.acquire().await.unwrap().forget();
    stop.send(()).unwrap();
    // The port is given up before the last answer is out.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    LEAVE.add_permits(1);
    let answer = waiting.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("done"), "{answer}");
    server.await.unwrap();
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let (address, _stop, _server) = start().await;
    let requests = "GET /quick HTTP/1.1\r\nhost: x\r\n\r\nGET /none HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = answer_to(address, requests).await;
    let (first, second) = (answer.find("200 OK").unwrap(), answer.find("404 Not Found").unwrap());
    assert!(first < second, "{answer}");
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_refused() {
    let (address, _stop, _server) = start().await;
    let request = format!("GET /quick HTTP/1.1\r\nhost: x\r\npadding: {}\r\n\r\n", "x".repeat(2 * HEAD_BYTES_MAX));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 431");
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_no_more() {
    let router = Router::new().route("/quick", routing::get(|| async { "quick" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Connections { per_address_max: Some(2), ..Connections::default() };
    tokio::spawn(serve(listener, router, connections, std::future::pending()));
    let ask = async |stream: &mut TcpStream| {
        let sent = stream.write_all(b"GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let mut answer = [0; 15];
        match sent.and(stream.read_exact(&mut answer).await) {
            Ok(_) => answer == *b"HTTP/1.1 200 OK",
            Err(_) => false,
        }
    };
    let (mut first, mut second) =
        (TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap());
    assert!(ask(&mut first).await && ask(&mut second).await);
    assert!(!ask(&mut TcpStream::connect(address).await.unwrap()).await, "the third is closed");
    drop(first);
    // The place is given back once the server has seen the end.
    while !ask(&mut TcpStream::connect(address).await.unwrap()).await {}
}
