//! `storefold serve --role edge`: the outbox, what fills it and what empties it, put together.

use std::{net::SocketAddr, process::ExitCode, sync::Arc};

use anyhow::Result;
use storefold_edge::{Edge, Settings};
use storefold_http_kit::{Connections, Metrics, Site, serve};
use storefold_outbox::Outbox;
use tokio::net::TcpListener;

use crate::{clock, config::Guarded, output::remark, signals::Stop};

/// Runs until it is told to stop.
pub async fn in_a_store(
    settings: Settings,
    guarded: &Guarded,
    (listener, address): (TcpListener, SocketAddr),
    connections: Connections,
    mut stop: Stop,
) -> Result<ExitCode> {
    let outbox = Outbox::open(&settings.directory, settings.outbox)?;
    let (stores, central) = (settings.stores.join(", "), settings.central.clone());
    let shown = settings.directory.display().to_string();
    let edge = Edge::new(settings, outbox.clone(), clock::system())?;
    let forwarding = tokio::spawn(storefold_edge::forward(Arc::clone(&edge)));
    let metrics = Metrics::default();
    storefold_edge::register_metrics(Arc::clone(&edge), &metrics);
    if let Some(tls) = &connections.tls {
        tls.register_metrics(&metrics);
    }
    let site = Site::new(metrics)
        .limited(guarded.address_limit())
        .protects_codes(&["/v1/instruments/"])
        .api(|| storefold_edge::routes(Arc::clone(&edge)))
        .pages(storefold_edge::pages(Arc::clone(&edge)))
        .check(storefold_edge::check(edge));
    remark(format_args!(
        "Serving {}://{address}; edge of {stores} before {central}, outbox in {shown}",
        guarded.scheme()
    ));
    serve(listener, site.into_router(), connections, stop.wait()).await;
    // What it was about to take out of the outbox is sent once more at the next start.
    forwarding.abort();
    let events = outbox.standing().borrow().events;
    remark(format_args!("Stopped; everything taken in is kept, {events} events wait to be sent on."));
    Ok(ExitCode::SUCCESS)
}
