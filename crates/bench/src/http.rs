//! An HTTP/1.1 client that does no more than a measurement needs: one connection, one request at a time, answers of a
//! known length.

use std::{net::SocketAddr, str};

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

/// Longer answers are a surprise.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    first_byte_at: Instant,
}

/// An answer, borrowed from the connection.
#[derive(Clone, Copy)]
pub struct Answer<'c> {
    /// The status code.
    pub status: u16,
    /// The status line and the headers, without the empty line.
    pub head: &'c [u8],
    /// The body.
    pub body: &'c [u8],
}

/// A request without a body.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n").into_bytes()
}

/// Writes a request with a body over what `request` holds.
pub fn post(request: &mut Vec<u8>, path: &str, content_type: &str, body: &[u8]) {
    request.clear();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
    );
    request.extend_from_slice(head.as_bytes());
    request.extend_from_slice(body);
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(64 << 10), first_byte_at: Instant::now() })
    }

    /// Sends a request and reads its answer, whatever its status is.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        self.read_more().await?;
        self.first_byte_at = Instant::now();
        let head_bytes = loop {
            if let Some(end) = find(&self.received, b"\r\n\r\n") {
                break end;
            }
            self.read_more().await?;
        };
        let head = str::from_utf8(&self.received[..head_bytes])?;
        let status = head.get(9..12).and_then(|digits| digits.parse().ok()).context("no status line")?;
        let body_bytes: usize = header(head, "content-length").context("an answer without length")?.parse()?;
        let (body_start, total) = (head_bytes + 4, head_bytes + 4 + body_bytes);
        ensure!(total <= ANSWER_BYTES_MAX, "an answer of {total} bytes");
        self.received.reserve(total.saturating_sub(self.received.len()));
        while self.received.len() < total {
            self.read_more().await?;
        }
        Ok(Answer { status, head: &self.received[..head_bytes], body: &self.received[body_start..total] })
    }

    /// When the first byte of the last answer came.
    pub fn first_byte_at(&self) -> Instant {
        self.first_byte_at
    }

    async fn read_more(&mut self) -> Result<()> {
        ensure!(self.stream.read_buf(&mut self.received).await? > 0, "the server has closed the connection");
        Ok(())
    }
}

impl Answer<'_> {
    /// The answer, if it is 200.
    pub fn ok(self) -> Result<Self> {
        if self.status != 200 {
            let start = String::from_utf8_lossy(&self.body[..self.body.len().min(400)]);
            bail!("the server answered {}: {start}", self.status);
        }
        Ok(self)
    }

    /// Whether it has a header.
    pub fn says(self, name: &str) -> bool {
        str::from_utf8(self.head).is_ok_and(|head| header(head, name).is_some())
    }

    /// A whole number in the first bytes of the JSON body, where totals stand.
    pub fn leading_number(self, name: &str) -> Result<u64> {
        let start = &self.body[..self.body.len().min(200)];
        let missing = || format!("no {name} in {}", String::from_utf8_lossy(start));
        let after = find(start, format!("\"{name}\":").as_bytes()).with_context(missing)? + name.len() + 3;
        let digits = start[after..].iter().take_while(|byte| byte.is_ascii_digit());
        digits
            .fold(None, |value: Option<u64>, digit| Some(value.unwrap_or(0) * 10 + u64::from(digit - b'0')))
            .with_context(missing)
    }

    /// What is said of the first event that was not accepted.
    pub fn first_not_accepted(self) -> String {
        let statuses = [&b"{\"status\":\"rejected\""[..], b"{\"status\":\"duplicate\""];
        let from = statuses.into_iter().filter_map(|status| find(self.body, status)).min().unwrap_or(0);
        String::from_utf8_lossy(&self.body[from..self.body.len().min(from + 400)]).into_owned()
    }

    /// Every event up to here (inclusive) is in the answer.
    pub fn position(self) -> Result<u64> {
        let position =
            header(str::from_utf8(self.head)?, "x-storefold-position").context("an answer without position")?;
        Ok(position.parse()?)
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::Answer;

    #[test]
    fn totals_and_position_are_read_from_an_answer() {
        let answer = Answer {
            status: 200,
            head: b"HTTP/1.1 200 OK\r\nX-Storefold-Position: 4711\r\ncontent-length: 9",
            body: br#"{"accepted":1000,"duplicate":0,"rejected":0,"position":4712,"results":[]}"#,
        };
        assert_eq!(answer.leading_number("accepted").ok(), Some(1_000));
        assert_eq!(answer.leading_number("position").ok(), Some(4_712));
        assert_eq!(answer.position().ok(), Some(4_711));
        assert!(answer.leading_number("results").is_err());
    }
}
