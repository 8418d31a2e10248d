//! A PostgreSQL server of its own.

use std::{
    env, fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// What is started; all from one directory, so that they are of one version.
const PROGRAMS: [&str; 4] = ["initdb", "postgres", "psql", "pgbench"];

/// How long it may take until it answers.
const READY_MAX: Duration = Duration::from_secs(30);

/// Where its programs are: Debian's newest, or those on PATH.
pub fn find() -> Option<PathBuf> {
    let debian =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let mut found: Vec<PathBuf> = debian.collect();
    found.sort_by_key(|bin| bin.parent().and_then(Path::file_name).and_then(|name| name.to_str()?.parse::<u32>().ok()));
    found.reverse();
    found.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    found.into_iter().find(|bin| PROGRAMS.iter().all(|program| bin.join(program).is_file()))
}

/// A server with an empty database, reached by a socket in its directory. It is stopped when it is dropped.
pub struct Database {
    bin: PathBuf,
    directory: TempDir,
    server: Option<Child>,
}

impl Database {
    /// Starts the programs that [`find`] has found.
    pub async fn start(bin: PathBuf) -> Result<Self> {
        // Its socket needs a short path, and its user must be able to go there.
        let directory = TempDir::with_prefix_in("bench-pg-", "/tmp")?;
        let mut database = Self { bin, directory, server: None };
        if let Some((uid, gid)) = unprivileged()? {
            chown(database.directory.path(), Some(uid), Some(gid))?;
        }
        let mut initdb = database.command("initdb")?;
        initdb.args(["--username=bench", "--auth=trust", "--encoding=UTF8", "--no-locale", "--pgdata"]);
        finish(initdb.arg(database.directory.path().join("data")))?;
        let mut postgres = database.command("postgres")?;
        postgres.args(["-c", "listen_addresses=", "-c", "fsync=on", "-k"]).arg(database.directory.path());
        postgres.arg("-D").arg(database.directory.path().join("data"));
        database.server = Some(postgres.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        let give_up = Instant::now() + READY_MAX;
        while database.psql("select 1").is_err() {
            ensure!(Instant::now() < give_up, "PostgreSQL is not ready after {} s", READY_MAX.as_secs());
            sleep(Duration::from_millis(50)).await;
        }
        Ok(database)
    }

    /// Lets statements, parted by semicolons, run one after the other in one session. Answers the values that they give.
    pub fn psql(&self, statements: &str) -> Result<String> {
        let mut psql = self.client("psql")?;
        for statement in statements.split(';').filter(|statement| !statement.trim().is_empty()) {
            psql.args(["--command", statement]);
        }
        finish(psql.args(["--dbname=postgres", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]))
    }

    /// A program of its own that connects to it.
    pub fn client(&self, program: &str) -> Result<Command> {
        let mut command = self.command(program)?;
        command.arg("--username=bench").arg("--host").arg(self.directory.path());
        Ok(command)
    }

    /// A program in the directory, as a user that the server accepts: it refuses to be run by root.
    /// Its directory, which it can read.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    fn command(&self, program: &str) -> Result<Command> {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir(self.directory.path()).stdin(Stdio::null());
        if let Some((uid, gid)) = unprivileged()? {
            command.uid(uid).gid(gid);
        }
        Ok(command)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // Fast shutdown; both fail only for a process that has ended already.
            let _ = kill_process(Pid::from_child(&server), Signal::INT);
            let _ = server.wait();
        }
    }
}

/// Whom to be instead of root; nobody else has to change.
fn unprivileged() -> Result<Option<(u32, u32)>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let user = |name: &str| {
        let mut fields = users.lines().find(|line| line.split(':').next() == Some(name))?.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    match user("postgres").or_else(|| user("nobody")) {
        Some(ids) => Ok(Some(ids)),
        None => bail!("PostgreSQL is not run by root, and there is no user postgres or nobody to be instead"),
    }
}

/// Lets a program run to its end; answers what it printed.
pub fn finish(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{}", command.get_program().display()))?;
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{} failed: {}", command.get_program().display(), said());
    Ok(String::from_utf8(output.stdout)?)
}
