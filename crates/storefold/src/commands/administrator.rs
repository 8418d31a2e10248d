//! `storefold administrator`: the first one.

use std::{
    fs,
    io::{self, IsTerminal},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use storefold_access::{PASSWORD_CHARS_MIN, SETUP_KEY_FILE};

use crate::{client::Client, output::remark, server_address::ServerAddress};

/// Make the first administrator of a server
///
/// The server has to run with --access required, and its data has to be readable: a key in there proves that whoever asks
/// may do this. The password is asked for, or read from standard input when that is no terminal. All further users are
/// created by people who have signed in, at /users.
#[derive(Args)]
#[command(
    after_help = "Example:\n  storefold administrator anna@acme.example --name \"Anna Rossi\" --data /var/lib/storefold"
)]
pub struct Administrator {
    /// The name to sign in with, as an address of email
    user: String,

    /// The name for people
    #[arg(long)]
    name: String,

    /// The server's directory
    #[arg(long, value_name = "DIR", default_value = "storefold-data")]
    data: PathBuf,

    #[command(flatten)]
    server: ServerAddress,
}

impl Administrator {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let path = self.data.join(SETUP_KEY_FILE);
        let setup_key = fs::read_to_string(&path).with_context(|| {
            format!(
                "{} cannot be read; start the server with `--access required`, give its --data here, and use an account \
                 that may read it",
                path.display()
            )
        })?;
        let client = Client::new(&self.server)?;
        client.reach().await?;
        let password = password()?;
        let sent = json!({ "setup_key": setup_key, "user": self.user, "name": self.name, "password": password });
        let _: Value = client.post("/v1/access/first-administrator", &sent).await?;
        remark(format_args!("{} is an administrator now. Sign in at {}/sign-in", self.user, self.server.url));
        Ok(ExitCode::SUCCESS)
    }
}

fn password() -> Result<String> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line).context("no password can be read from standard input")?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let first = rpassword::prompt_password(format!("Password ({PASSWORD_CHARS_MIN} characters or more): "))?;
    let again = rpassword::prompt_password("The same again: ")?;
    ensure!(first == again, "the two are not the same; start anew");
    Ok(first)
}
