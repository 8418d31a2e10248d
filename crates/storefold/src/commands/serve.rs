//! `storefold serve`: a server.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args;

use crate::{
    clock,
    config::{Config, Given},
    encrypted,
    in_a_store::in_a_store,
    node::{Node, listen},
    output::remark,
    signals::Stop,
};

/// Run a server
///
/// It takes events in at POST /v1/events and answers queries; its API is described at /docs, and / is a page for people.
/// Flags stand over the configuration file, which has the same names in TOML (`nats_monitor` for --nats-monitor). It
/// ends on SIGINT and SIGTERM: requests under way are answered, and everything taken in is kept.
///
/// With --role edge it stands in a store: it keeps what scanners and tills send in a durable outbox, and sends it on to the
/// centre when the line is up; / shows what waits.
///
/// Where other machines reach it, a server asks who they are, speaks TLS, and has its master key elsewhere than its data;
/// --insecure names which of these it does without. The certificate is read anew when its files change, or on SIGHUP.
///
/// With the log on NATS, devices may publish to storefold.in.TENANT.SOURCE as well, and any number of read nodes may
/// follow the same log, each with a data directory of its own.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold serve\n  \
        storefold serve --log nats://127.0.0.1:4222 --nats-monitor http://127.0.0.1:8222 --data /var/lib/storefold\n  \
        storefold serve --config storefold.toml --role read --listen 127.0.0.1:8081\n  \
        storefold serve --listen 0.0.0.0:8443 --tls-certificate server.pem --tls-key server.key --master-key-file master.key\n  \
        storefold serve --role edge --central https://storefold.acme.example --stores FR-PAR-01 --token-file edge.token \\\n      \
        --listen 0.0.0.0:8080 --insecure plain-http,open-access --data /var/lib/storefold --offline floor --floor-minor 5000")]
pub struct Serve {
    /// Configuration in TOML
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Read the configuration, say what it comes to, and end
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    given: Given,
}

impl Serve {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let mut stop = Stop::catch()?;
        let mut config = self.given.over_file(self.config.as_ref())?.resolve()?;
        if self.check {
            encrypted::certificate(&config.guarded)?;
            let Config { role, log, listen, data, tenant, .. } = &config;
            remark(format_args!(
                "Would serve {listen} as {role:?}; log of {tenant} in {log}, all else in {}",
                data.display()
            ));
            return Ok(ExitCode::SUCCESS);
        }
        let connections = encrypted::connections(&config.guarded)?;
        let (listener, address) = listen(&config.listen).await?;
        if let Some(settings) = config.edge {
            return in_a_store(settings, &config.guarded, (listener, address), connections, stop).await;
        }
        let scheme = config.guarded.scheme();
        // Who listens on all addresses of a machine does not know which of them others reach.
        if config.advertise.is_none() && !address.ip().is_unspecified() {
            config.advertise = Some(format!("{scheme}://{address}"));
        }
        let node = tokio::select! {
            node = Node::start(&config, clock::system()) => node?,
            () = stop.wait() => return Ok(ExitCode::SUCCESS),
        };
        let Config { log, data, tenant, .. } = &config;
        remark(format_args!("Serving {scheme}://{address}; log of {tenant} in {log}, all else in {}", data.display()));
        node.serve(listener, connections, stop.wait()).await;
        node.stop().await?;
        remark("Stopped; everything taken in is kept.");
        Ok(ExitCode::SUCCESS)
    }
}
