//! When a server may be used.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long one question to the server may take.
const ANSWER_MAX: Duration = Duration::from_secs(1);

/// Whether the server takes clients on `port` and says on `monitor_port` that JetStream is up: streams recovered and,
/// in a cluster, a leader elected.
pub(crate) async fn is_ready(port: u16, monitor_port: u16) -> bool {
    let greets = timeout(ANSWER_MAX, greeting(port)).await.is_ok_and(|start| &start == b"INFO ");
    greets && timeout(ANSWER_MAX, health(monitor_port)).await.is_ok_and(|answer| answer.contains(" 200 "))
}

async fn greeting(port: u16) -> [u8; 5] {
    let mut start = [0; 5];
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await
        && stream.read_exact(&mut start).await.is_ok()
    {
        return start;
    }
    [0; 5]
}

async fn health(monitor_port: u16) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", monitor_port)).await
        && stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").await.is_ok()
        && stream.read_to_string(&mut answer).await.is_ok()
    {
        return answer.lines().next().unwrap_or_default().to_owned();
    }
    String::new()
}
