//! PostgreSQL: the rows of one store from a table with an index, as a materialized view is read.
//!
//! It is asked by its own pgbench, over prepared statements, and does nothing else meanwhile: no event is written beside.

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

use crate::{Plan, measure::Runs, rows::Peer, server::STORES};

/// What is started; all from one directory, so that they are of one version.
const PROGRAMS: [&str; 4] = ["initdb", "postgres", "psql", "pgbench"];

const CONNECTIONS: &str = "16";

/// How long it may take until it answers.
const READY_MAX: Duration = Duration::from_secs(30);

/// The columns are what the read model keeps of a day; 90 rows a store.
const TABLE: &str = "
    create table store_day (store int, day date, attempted bigint, succeeded bigint, failed bigint, female bigint,
        male bigint, unknown bigint, emails bigint, sales bigint, returns bigint, units bigint, turnover_minor bigint,
        net_minor bigint, primary key (store, day));
    insert into store_day select store, date '2025-08-15' + day, 20, 18, 2, 10, 9, 1, 11, 4, 0, 6, 38000, 31667
        from generate_series(0, STORES - 1) store, generate_series(0, 89) day;
    vacuum analyze store_day;";

const QUESTION: &str = "\\set store random(0, STORES - 1)\n\
    select * from store_day where store = :store and day between date '2025-08-15' and date '2025-11-12' order by day;\n";

/// Measures it, or says why not.
pub async fn measure(plan: &Plan) -> Result<Peer> {
    let Some(programs) = find() else {
        let name = "PostgreSQL is not on this machine: no initdb in /usr/lib/postgresql/*/bin or on PATH".to_owned();
        return Ok(Peer { name, runs: None });
    };
    eprintln!("measuring PostgreSQL");
    let database = Database::start(programs).await?;
    database.fill()?;
    database.ask(Duration::from_secs(1)).await?;
    let mut rates = Vec::new();
    for _ in 0..plan.runs {
        rates.push(database.ask(plan.run).await?);
    }
    let name = format!("PostgreSQL, the same 90 rows by a prepared statement, {CONNECTIONS} connections, nothing else");
    Ok(Peer { name, runs: Some(Runs::of_rates(rates)) })
}

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
struct Database {
    bin: PathBuf,
    directory: TempDir,
    server: Option<Child>,
}

impl Database {
    async fn start(bin: PathBuf) -> Result<Self> {
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

    fn fill(&self) -> Result<()> {
        self.psql(&TABLE.replace("STORES", &STORES.to_string()))?;
        Ok(fs::write(self.script(), QUESTION.replace("STORES", &STORES.to_string()))?)
    }

    /// Queries a second.
    async fn ask(&self, time: Duration) -> Result<f64> {
        let mut pgbench = self.client("pgbench")?;
        pgbench.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--client", CONNECTIONS, "--time"]);
        pgbench.arg(time.as_secs().to_string()).arg("--file").arg(self.script()).arg("postgres");
        // It takes as long as a run, and nothing else is to be done meanwhile.
        let said = tokio::task::spawn_blocking(move || finish(&mut pgbench)).await??;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        rate.with_context(|| format!("pgbench said no rate: {said}"))
    }

    fn psql(&self, statements: &str) -> Result<String> {
        let mut psql = self.client("psql")?;
        for statement in statements.split(';').filter(|statement| !statement.trim().is_empty()) {
            psql.args(["--command", statement]);
        }
        finish(psql.args(["--dbname=postgres", "--quiet", "--set=ON_ERROR_STOP=1"]))
    }

    fn client(&self, program: &str) -> Result<Command> {
        let mut command = self.command(program)?;
        command.arg("--username=bench").arg("--host").arg(self.directory.path());
        Ok(command)
    }

    /// A program in the directory, as a user that the server accepts: it refuses to be run by root.
    fn command(&self, program: &str) -> Result<Command> {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir(self.directory.path()).stdin(Stdio::null());
        if let Some((uid, gid)) = unprivileged()? {
            command.uid(uid).gid(gid);
        }
        Ok(command)
    }

    fn script(&self) -> PathBuf {
        self.directory.path().join("question.sql")
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

fn finish(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{}", command.get_program().display()))?;
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{} failed: {}", command.get_program().display(), said());
    Ok(String::from_utf8(output.stdout)?)
}
