//! The binary under test.

use std::{
    env,
    ffi::OsStr,
    io::{self, BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc;

/// The binary.
pub fn binary() -> PathBuf {
    let beside = || {
        // The test stands in target/<profile>/deps.
        let test = env::current_exe().unwrap();
        test.parent().and_then(|deps| deps.parent()).unwrap().join("storefold")
    };
    let path = env::var_os("STOREFOLD_BIN").map_or_else(beside, PathBuf::from);
    assert!(path.is_file(), "{} is not there; build it with `cargo build`, or run `cargo xtask test`", path.display());
    path
}

/// What a command printed, and how it ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command to its end.
pub fn storefold<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ended {
    storefold_with(arguments, &[], &[])
}

/// Runs a command with something on stdin, in an environment with further variables.
pub fn storefold_with<S: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = S>,
    stdin: &[u8],
    variables: &[(&str, &OsStr)],
) -> Ended {
    let mut command = Command::new(binary());
    command.args(arguments).envs(variables.iter().copied()).env_remove("RUST_LOG");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut to = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    // A command that does not read it ends before all is written.
    let writing = thread::spawn(move || drop(to.write_all(&stdin)));
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    writing.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

impl Ended {
    /// Holds that it ended well, and gives what it printed.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Holds that it ended well, and reads what it printed as JSON.
    #[track_caller]
    pub fn json(self) -> serde_json::Value {
        let stdout = self.ok();
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
    }

    /// Holds that it failed, and gives what it said, on both sides.
    #[track_caller]
    pub fn fails(self) -> String {
        assert_ne!(self.code, Some(0), "{}", self.stdout);
        self.stdout + &self.stderr
    }
}

/// A command that goes on until it is told to stop; killed when it is dropped.
pub struct Running {
    process: Child,
    /// Lines of stderr that were not asked for yet.
    lines: mpsc::UnboundedReceiver<String>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Running {
    /// Starts a command; what it prints to stdout is not looked at.
    pub fn start<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Self {
        Self::start_with(arguments, &[])
    }

    /// Starts a command in an environment with further variables.
    pub fn start_with<S: AsRef<OsStr>>(
        arguments: impl IntoIterator<Item = S>,
        variables: &[(&'static str, String)],
    ) -> Self {
        let mut command = Command::new(binary());
        command.args(arguments).env_remove("RUST_LOG").envs(variables.iter().cloned());
        Self::run(command)
    }

    /// Starts a command whose files may be given a size that they cannot grow beyond; it is told so, where it would be ended.
    pub fn start_on_a_small_disk<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#]).arg(binary()).args(arguments);
        command.env_remove("RUST_LOG");
        Self::run(command)
    }

    fn run(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let (to, lines) = mpsc::unbounded_channel();
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                heard.lock().unwrap().push(line.clone());
                drop(to.send(line));
            }
        });
        Self { process, lines, said }
    }

    /// Waits for a line that begins so, and gives the rest of it.
    pub async fn says(&mut self, start: &str) -> String {
        let said = self.says_or_ends(start).await;
        said.unwrap_or_else(|| panic!("it ended without saying `{start}`"))
    }

    /// The same; none when it ends before.
    pub async fn says_or_ends(&mut self, start: &str) -> Option<String> {
        while let Some(line) = self.lines.recv().await {
            if let Some(rest) = line.strip_prefix(start) {
                return Some(rest.to_owned());
            }
        }
        None
    }

    /// Everything that it has said so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }

    /// Ends it at once, wherever it is: SIGKILL.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self, signal: Signal) -> ExitStatus {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
        self.process.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        drop(self.process.kill());
        drop(self.process.wait());
        if thread::panicking() {
            let said = self.said.lock().map(|said| said.join("\n")).unwrap_or_default();
            drop(writeln!(io::stderr(), "the program said:\n{said}"));
        }
    }
}
