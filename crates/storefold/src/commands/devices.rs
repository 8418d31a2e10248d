//! `storefold devices`: a user of the NATS server for each device, who may publish only as itself.

mod users_file;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;
use storefold_event_log::Tenant;
use uuid::Uuid;

use self::users_file::{Device, UsersFile};
use crate::output::{self, Printed, grouped};

/// Rounds of bcrypt, as a power of two. The passwords are made by chance, 122 bits of it, so nobody guesses one however fast
/// a guess is; many rounds would only hold up the server when all devices come back at once.
const BCRYPT_COST: u32 = 4;

/// Make a user of the NATS server for each device, who may publish only as itself
///
/// Reads names of devices, one a line, and writes a user for each into a file that the NATS server's configuration
/// includes; deploy/nats/users.conf is one to begin with. A device is named after the `source` of its events and signs in with
/// that name and its password, over NATS or MQTT; it may publish to storefold.in.TENANT.NAME and nowhere else.
///
/// Devices that are in the file already keep their passwords; those that are not in the list any more lose their user.
/// New passwords stand in a file of their own and nowhere else: bring them to the devices, then delete it. The server takes
/// the users over with `nats-server --signal reload`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  storefold devices --list devices.txt --users /etc/nats/users.conf --passwords new-devices.csv --tenant acme\n  \
        storefold devices --list devices.txt --users /etc/nats/users.conf --passwords lost.csv --renew scanner-0012 --tenant acme"
)]
pub struct Devices {
    /// Names of all devices, one a line; empty lines and lines that begin with # count for nothing
    #[arg(long, value_name = "FILE")]
    list: PathBuf,

    /// The file with the users; what stands before its line about devices is left as it is
    #[arg(long, value_name = "FILE")]
    users: PathBuf,

    /// Where the new passwords are written, as CSV; the file must not be there yet
    #[arg(long, value_name = "FILE")]
    passwords: PathBuf,

    /// Give this device a new password, as after a loss; can be repeated
    #[arg(long, value_name = "NAME")]
    renew: Vec<String>,

    /// Whose devices they are
    #[arg(long, default_value = "demo", value_parser = Tenant::new)]
    tenant: Tenant,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What has become of the file.
#[derive(Serialize)]
struct Written {
    devices: usize,
    /// Who has a new password.
    new: Vec<String>,
    /// Whose user is gone.
    removed: Vec<String>,
    /// Where the new passwords are, if there are any.
    passwords: Option<PathBuf>,
}

impl Devices {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let written = tokio::task::spawn_blocking(move || self.write().map(|written| (written, self.json))).await??;
        print(&written.0, written.1)?;
        Ok(ExitCode::SUCCESS)
    }

    fn write(&self) -> Result<Written> {
        let wanted = names(&self.list)?;
        for name in &self.renew {
            ensure!(wanted.contains(name), "{name} is not in {}, so it gets no password", self.list.display());
        }
        let mut file = UsersFile::read(&self.users)?;
        for name in &wanted {
            ensure!(
                !file.serves(name),
                "{name} is a user of {} that is no device; name the device otherwise",
                self.users.display()
            );
        }
        let mut known: BTreeMap<String, Device> =
            file.devices.drain(..).map(|device| (device.name.clone(), device)).collect();
        let mut passwords = Vec::new();
        for name in &wanted {
            let kept = known.remove(name).filter(|_| !self.renew.contains(name));
            let password_hash = if let Some(device) = kept {
                device.password_hash
            } else {
                let password = Uuid::new_v4().simple().to_string();
                let hash = bcrypt::hash(&password, BCRYPT_COST).context("a password cannot be hashed")?;
                passwords.push((name.clone(), password));
                hash
            };
            file.devices.push(Device { name: name.clone(), password_hash });
        }
        // First the passwords: a user whose password nobody knows is of no use.
        if !passwords.is_empty() {
            keep(&self.passwords, &passwords)?;
        }
        file.write(&self.users, &self.tenant)?;
        Ok(Written {
            devices: wanted.len(),
            passwords: (!passwords.is_empty()).then(|| self.passwords.clone()),
            new: passwords.into_iter().map(|(name, _)| name).collect(),
            removed: known.into_keys().collect(),
        })
    }
}

/// The names in a list.
fn names(list: &Path) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(list).with_context(|| format!("{} cannot be read", list.display()))?;
    let mut names = BTreeSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        let name = line.trim();
        if name.is_empty() || name.starts_with('#') {
            continue;
        }
        let is_clear = |c: char| !c.is_whitespace() && !c.is_control() && !"*>/+#\"\\:{}$".contains(c);
        ensure!(
            name.chars().all(is_clear) && name.split('.').all(|level| !level.is_empty()) && name.len() <= 128,
            "`{name}` in line {number} of {} cannot be the name of a device; use up to 128 letters, digits, `-`, `_` \
             and single dots between them",
            list.display()
        );
        ensure!(names.insert(name.to_owned()), "{name} stands twice in {}, in line {number} again", list.display());
    }
    Ok(names)
}

/// Writes the passwords where only their owner may read them.
fn keep(path: &Path, passwords: &[(String, String)]) -> Result<()> {
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = opened.with_context(|| {
        format!("{} cannot be made for the new passwords; name a file that is not there yet", path.display())
    })?;
    writeln!(file, "device,password")?;
    for (name, password) in passwords {
        writeln!(file, "{name},{password}")?;
    }
    file.sync_all().with_context(|| format!("{} cannot be written", path.display()))
}

fn print(written: &Written, json: bool) -> Result<()> {
    if json {
        return output::json(written);
    }
    let mut table = Printed::new(&[">devices", ">new passwords", ">removed", "passwords in"]);
    let passwords = written.passwords.as_ref().map_or_else(|| "–".to_owned(), |path| path.display().to_string());
    table.row([grouped(written.devices), grouped(written.new.len()), grouped(written.removed.len()), passwords]);
    table.print("Let the server take them over: nats-server --signal reload")
}
