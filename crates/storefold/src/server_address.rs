//! Where a server is, as commands are told.

use std::path::PathBuf;

use clap::Args;

/// Where a server is, and how it shows that it is the one.
#[derive(Args, Clone, Debug)]
pub struct ServerAddress {
    /// Where the server is: http://HOST:PORT or https://HOST:PORT
    #[arg(long, default_value = "http://127.0.0.1:8080", global = true)]
    pub url: String,

    #[command(flatten)]
    pub trust: Trust,
}

/// Whom a server has to be certified by.
#[derive(Args, Clone, Debug, Default)]
pub struct Trust {
    /// For https: certificates in PEM of the authority that the server's is of [default: those that this machine trusts]
    #[arg(long = "ca", value_name = "FILE", env = "STOREFOLD_CA", global = true)]
    pub authorities: Option<PathBuf>,
}

/// Whether a text is meant as the address of a server.
pub fn is_server(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}
