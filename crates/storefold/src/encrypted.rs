//! Connections as a server is told to take them, and what it shows of itself over TLS.

use std::sync::Arc;

use anyhow::{Context, Result};
use storefold_http_kit::{Connections, ServerTls};
use tokio::signal::unix::{SignalKind, signal};

use crate::{clock, config::Guarded};

/// Reads the certificate, if one was named.
///
/// # Errors
/// When it cannot be shown to anybody.
pub fn certificate(guarded: &Guarded) -> Result<Option<Arc<ServerTls>>> {
    let read = guarded.tls.clone().map(|files| ServerTls::read(files, clock::now_ms())).transpose();
    read.context("TLS cannot be spoken")
}

/// How connections are taken. A certificate is read anew when its files change, and on SIGHUP.
pub fn connections(guarded: &Guarded) -> Result<Connections> {
    let tls = certificate(guarded)?;
    if let Some(tls) = tls.clone() {
        let mut asked = signal(SignalKind::hangup()).context("SIGHUP cannot be caught")?;
        tokio::spawn(Arc::clone(&tls).follow(clock::system()));
        tokio::spawn(async move {
            while asked.recv().await.is_some() {
                tls.look();
            }
        });
    }
    let per_address_max = guarded.connections_per_address_max;
    Ok(Connections { tls, proxies: guarded.proxies.clone(), per_address_max })
}
