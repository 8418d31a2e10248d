//! Who asks a server, where it wants to know: a token, or a person who signs in for as long as a command runs.

use std::{
    fs,
    io::{self, IsTerminal},
    path::PathBuf,
};

use anyhow::{Context, Result};
use axum::http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};
use clap::Args;

use crate::{
    client::{Client, bearing},
    server_address::ServerAddress,
};

/// How a browser says that a person, and no other site, has it send something.
const SENT_BY: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where a server is, and who asks it.
#[derive(Args)]
pub struct WhoAsks {
    #[command(flatten)]
    server: ServerAddress,

    /// A file that holds the token to ask with; otherwise it is that of `STOREFOLD_TOKEN`
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "user")]
    token_file: Option<PathBuf>,

    /// Sign in as this user instead; the password is asked for, or read from standard input
    #[arg(long, value_name = "NAME", global = true)]
    user: Option<String>,
}

/// A server that knows who asks.
pub struct Asking {
    /// Asks.
    pub client: Client,
    signed_in: bool,
}

impl WhoAsks {
    /// Reaches the server, and signs in where a user is named.
    ///
    /// # Errors
    /// When no server is there, the token cannot be read, or the password is wrong.
    pub async fn ask(&self) -> Result<Asking> {
        if let Some(path) = &self.token_file {
            let shown = path.display();
            let token = fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
            let headers = bearing(token.trim()).with_context(|| format!("{shown} holds no token"))?;
            return Self::reached(self.with(headers)?, false).await;
        }
        let Some(user) = &self.user else { return Self::reached(Client::new(&self.server)?, false).await };
        let nobody = Self::reached(self.with(HeaderMap::new())?, false).await?.client;
        let cookie = nobody.sign_in(user, &password(user)?).await?;
        let mut cookie = HeaderValue::from_str(&cookie).context("the server begins no session")?;
        cookie.set_sensitive(true);
        let headers = [(COOKIE, cookie), (SENT_BY, HeaderValue::from_static("none"))].into_iter().collect();
        Ok(Asking { client: self.with(headers)?, signed_in: true })
    }

    fn with(&self, headers: HeaderMap) -> Result<Client> {
        Client::with_headers(&self.server.url, &self.server.trust, headers)
    }

    async fn reached(client: Client, signed_in: bool) -> Result<Asking> {
        client.reach().await?;
        Ok(Asking { client, signed_in })
    }
}

impl Asking {
    /// Does something, and ends the session that was begun for it, whatever has come of it.
    ///
    /// # Errors
    /// Those of what is done.
    pub async fn then<T>(self, what: impl AsyncFnOnce(&Client) -> Result<T>) -> Result<T> {
        let done = what(&self.client).await;
        if self.signed_in {
            let ended: Result<()> = self.client.delete("/v1/access/session").await;
            if let Err(error) = ended {
                tracing::warn!(%error, "the session could not be ended; it ends by itself");
            }
        }
        done
    }
}

fn password(user: &str) -> Result<String> {
    if io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password(format!("Password of {user}: "))?);
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("no password can be read from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
