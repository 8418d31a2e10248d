//! A line between two processes that can be cut.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Passes connections on while it is up; cut, it ends them in the middle and lets none through.
pub struct Line {
    address: SocketAddr,
    up: watch::Sender<bool>,
}

impl Line {
    /// A line to a server at `http://HOST:PORT`, cut.
    pub async fn cut_to(url: &str) -> Self {
        let target = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (up, is_up) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if *is_up.borrow() {
                    tokio::spawn(carry(near, target.clone(), is_up.clone()));
                }
            }
        });
        Self { address, up }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn cut(&self) {
        self.up.send_replace(false);
    }

    pub fn mend(&self) {
        self.up.send_replace(true);
    }
}

async fn carry(mut near: TcpStream, target: String, mut is_up: watch::Receiver<bool>) {
    // A server that is being restarted refuses; the near side sees its connection end.
    let Ok(mut far) = TcpStream::connect(target).await else { return };
    tokio::select! {
        // Who hangs up, and when, is no affair of the line.
        carried = copy_bidirectional(&mut near, &mut far) => drop(carried),
        ended = is_up.wait_for(|up| !up) => drop(ended),
    }
}
