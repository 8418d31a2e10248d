//! A line between a node and a NATS server that can be cut and slowed.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// How a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Open,
    /// Every piece waits so long.
    Slow(Duration),
    /// Nothing comes through, and nobody is told.
    Silent,
    /// Connections are broken, and none is made.
    Broken,
}

pub struct Proxy {
    pub port: u16,
    line: watch::Sender<Line>,
}

impl Proxy {
    /// A line to a port of this machine.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let (line, seen) = watch::channel(Line::Open);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let seen = seen.clone();
                tokio::spawn(carry(near, port, seen));
            }
        });
        Self { port: own, line }
    }

    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }
}

async fn carry(near: TcpStream, port: u16, mut line: watch::Receiver<Line>) {
    if *line.borrow() == Line::Broken {
        return;
    }
    let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    drop((near.set_nodelay(true), far.set_nodelay(true)));
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let there = one_way(near_in, far_out, line.clone());
    let back = one_way(far_in, near_out, line.clone());
    tokio::select! {
        () = there => {}
        () = back => {}
        _ = async { line.wait_for(|line| *line == Line::Broken).await.is_ok() } => {}
    }
}

async fn one_way(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut line: watch::Receiver<Line>,
) {
    let mut piece = vec![0; 64 * 1_024];
    while let Ok(bytes @ 1..) = from.read(&mut piece).await {
        let now = *line.borrow_and_update();
        if let Line::Slow(wait) = now {
            tokio::time::sleep(wait).await;
        }
        if line.wait_for(|line| *line != Line::Silent).await.is_err() {
            return;
        }
        if to.write_all(&piece[..bytes]).await.is_err() {
            return;
        }
    }
}
