//! The binary under test.

use std::{
    env,
    ffi::OsStr,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
    thread,
};

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
}
