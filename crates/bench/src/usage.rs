//! What of the machine is used, and by whom.

use std::{fs, process, time::Duration};

use serde::Serialize;

/// The clock of /proc: a hundredth of a second, on every architecture of Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Time of processors spent so far, in ticks.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    generator: u64,
    server: u64,
    machine: u64,
}

/// How many cores were busy on average.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cores {
    /// With this process, which makes the load.
    pub generator: f64,
    /// With the server that is measured.
    pub server: f64,
    /// With all else: NATS, PostgreSQL, the kernel's own threads, strangers.
    pub others: f64,
}

impl Usage {
    /// So far; absent where there is no /proc.
    pub fn now(server: Option<u32>) -> Option<Self> {
        let server = match server {
            Some(pid) => of_process(pid)?,
            None => 0,
        };
        Some(Self { generator: of_process(process::id())?, server, machine: of_machine()? })
    }

    /// Between two moments.
    pub fn since(self, before: Self, elapsed: Duration) -> Cores {
        let cores =
            |after: u64, before: u64| after.saturating_sub(before) as f64 / TICKS_PER_SECOND / elapsed.as_secs_f64();
        let (generator, server) = (cores(self.generator, before.generator), cores(self.server, before.server));
        Cores { generator, server, others: (cores(self.machine, before.machine) - generator - server).max(0.0) }
    }
}

/// User and system time, fields 14 and 15; the name before them may hold spaces.
fn of_process(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

/// All that is neither idle nor waiting for a disk.
fn of_machine() -> Option<u64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let fields: Vec<u64> =
        stat.lines().next()?.split_whitespace().skip(1).map_while(|field| field.parse().ok()).collect();
    // User, nice and system; then the interrupts.
    Some(fields.get(..3)?.iter().sum::<u64>() + fields.get(5..8)?.iter().sum::<u64>())
}

/// The most memory that a process has held at a time, in bytes.
pub fn memory_bytes_max(pid: u32) -> Option<u64> {
    of_status(pid, "VmHWM:")
}

/// The memory that a process holds, in bytes.
pub fn memory_bytes(pid: u32) -> Option<u64> {
    of_status(pid, "VmRSS:")
}

fn of_status(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1_024)
}

/// Lets [`memory_bytes_max`] of a process count from now on. Does nothing where the kernel does not allow it.
pub fn forget_memory_max(pid: u32) {
    // 5: "reset the peak resident set size", see proc_pid_clear_refs(5).
    let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5");
}
