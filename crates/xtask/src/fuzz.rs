//! `cargo xtask fuzz`.
//!
//! libFuzzer through rustc's own instrumentation, which a stable toolchain has; sanitizers are not needed where no crate of
//! ours may hold unsafe code.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::command::{cargo, output, root, run, target_directory};

/// What counts the edges that are taken, and tells libFuzzer what is compared with what.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

const CORPUS: &str = "tests/fuzz/corpus";

/// Entries of more bytes find nothing new and cost time; the same as `INPUT_BYTES_MAX` of the targets.
const INPUT_BYTES_MAX: u32 = 4_096;

/// An input that takes longer is a finding.
const INPUT_SECONDS_MAX: u32 = 10;

/// The most entries of a target in the repository, beside those that have names.
const KEPT_MAX: usize = 150;

/// What to do.
pub struct Fuzz<'a> {
    /// Targets; all when empty.
    pub targets: &'a [String],
    /// How long for each.
    pub seconds: u64,
    /// Whether to add to the corpus in the repository what was found.
    pub keep: bool,
}

/// Looks for bytes that break a claim of a target.
pub fn fuzz(fuzz: &Fuzz<'_>) -> Result<()> {
    let work = target_directory()?.join("fuzz");
    let seeds = work.join("seeds");
    let fuzzer = build(&work)?;
    let mut seed = Command::new(&fuzzer);
    seed.current_dir(root()).stdin(Stdio::null()).env("FUZZ_SEEDS", &seeds);
    let names = output(seed)?;
    let names: Vec<&str> = names.lines().collect();
    if let Some(unknown) = fuzz.targets.iter().find(|target| !names.contains(&target.as_str())) {
        bail!("`{unknown}` is no target; the targets are {}", names.join(", "));
    }
    let chosen = |name: &&&str| fuzz.targets.is_empty() || fuzz.targets.iter().any(|target| target == **name);
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    for name in names.iter().filter(chosen) {
        eprintln!("== {name}, for {} s", fuzz.seconds);
        let target = Running { fuzzer: &fuzzer, work: &work, name };
        match target.look(&seeds.join(name), fuzz.seconds)? {
            Ok(told) => rows.push((*name, told)),
            // The others are looked at all the same.
            Err(finding) => {
                eprintln!("{finding}");
                broken.push(*name);
                continue;
            }
        }
        if fuzz.keep {
            target.keep()?;
        }
    }
    println!("{:<14} {:>12} {:>10} {:>8} {:>8}", "target", "executions", "a second", "edges", "corpus");
    for (name, told) in rows {
        let rate = told.executions / fuzz.seconds.max(1);
        println!("{name:<14} {:>12} {rate:>10} {:>8} {:>8}", told.executions, told.edges, told.corpus);
    }
    ensure!(broken.is_empty(), "broken: {}", broken.join(", "));
    Ok(())
}

fn build(work: &Path) -> Result<PathBuf> {
    let host = output({
        let mut rustc = Command::new("rustc");
        rustc.arg("-vV");
        rustc
    })?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?.to_owned();
    let mut build = cargo(["build", "--locked", "--package", "storefold-fuzz", "--bin", "fuzz", "--profile", "fuzz"]);
    // With a target named, build scripts and macros are built without the instrumentation.
    build.args(["--features", "libfuzzer", "--target", &host, "--target-dir"]).arg(work);
    build.env("RUSTFLAGS", COVERAGE);
    run(build).context("libFuzzer is written in C++, and needs a compiler of it")?;
    Ok(work.join(host).join("fuzz/fuzz"))
}

struct Running<'a> {
    fuzzer: &'a Path,
    work: &'a Path,
    name: &'a str,
}

/// What libFuzzer told at the end.
struct Told {
    executions: u64,
    edges: u64,
    corpus: usize,
}

impl Running<'_> {
    fn kept(&self) -> PathBuf {
        root().join(CORPUS).join(self.name)
    }

    /// Grows from one run to the next, beside the repository.
    fn found(&self) -> PathBuf {
        self.work.join("corpus").join(self.name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.fuzzer);
        command.current_dir(root()).stdin(Stdio::null()).env("FUZZ_TARGET", self.name).env("RUST_BACKTRACE", "0");
        command
    }

    /// What was tried, or what broke.
    fn look(&self, seeds: &Path, seconds: u64) -> Result<Result<Told, String>> {
        let (found, broken) = (self.found(), self.work.join("broken"));
        fs::create_dir_all(&found)?;
        fs::create_dir_all(&broken)?;
        fs::create_dir_all(self.kept())?;
        let said = self.work.join(format!("{}.log", self.name));
        let mut command = self.command();
        command.arg(&found).arg(self.kept()).arg(seeds);
        command.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={INPUT_BYTES_MAX}"));
        command.arg(format!("-timeout={INPUT_SECONDS_MAX}")).args(["-print_final_stats=1", "-use_value_profile=1"]);
        command.arg(format!("-artifact_prefix={}/{}-", broken.display(), self.name));
        command.stderr(fs::File::create(&said)?).stdout(Stdio::null());
        let status = command.status().with_context(|| format!("{} cannot be started", self.fuzzer.display()))?;
        let told = fs::read_to_string(&said).unwrap_or_default();
        if !status.success() {
            return Ok(Err(broke(self.name, &told, &said)));
        }
        let number = |line: &str| line.rsplit(' ').next().and_then(|number| number.parse().ok());
        let executions = told.lines().find(|line| line.starts_with("stat::number_of_executed_units"));
        let edges = told.lines().rev().find_map(|line| line.split_once(" cov: ")?.1.split(' ').next()?.parse().ok());
        Ok(Ok(Told {
            executions: executions.and_then(number).context("libFuzzer does not say what it has done")?,
            edges: edges.unwrap_or_default(),
            corpus: fs::read_dir(&found)?.count(),
        }))
    }

    /// Puts into the repository the fewest inputs that take every edge, and of these [`KEPT_MAX`] at most.
    fn keep(&self) -> Result<()> {
        let (kept, before) = (self.kept(), self.work.join(format!("{}.before", self.name)));
        let _ = fs::remove_dir_all(&before);
        fs::rename(&kept, &before)?;
        fs::create_dir_all(&kept)?;
        let mut merge = self.command();
        // How often an edge is taken would keep ten times as many.
        merge.args(["-set_cover_merge=1", "-use_counters=0"]).arg(format!("-max_len={INPUT_BYTES_MAX}"));
        merge.arg(&kept).arg(&before).arg(self.found());
        merge.stderr(Stdio::null()).stdout(Stdio::null());
        ensure!(merge.status()?.success(), "the corpus of {} cannot be made smaller", self.name);
        let mut made = Vec::new();
        for entry in fs::read_dir(&kept)? {
            let entry = entry?;
            made.push((entry.metadata()?.len(), entry.path()));
        }
        // The largest reach most.
        made.sort();
        made.iter().rev().skip(KEPT_MAX).try_for_each(|(_, path)| fs::remove_file(path))?;
        // What somebody has given a name broke something once, and stays.
        for entry in fs::read_dir(&before)? {
            let entry = entry?;
            if !is_hash(&entry.file_name().to_string_lossy()) {
                fs::copy(entry.path(), kept.join(entry.file_name()))?;
            }
        }
        Ok(())
    }
}

/// Whether a file has the name that libFuzzer gives.
fn is_hash(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What a person does about a finding.
fn broke(name: &str, told: &str, said: &Path) -> String {
    let panic = told.lines().skip_while(|line| !line.contains("panicked at")).take(6).collect::<Vec<_>>().join("\n");
    let file = told.lines().find_map(|line| line.split_once("Test unit written to ")).map_or("", |(_, file)| file);
    let directory = env::current_dir().unwrap_or_default();
    let file = file.strip_prefix(&format!("{}/", directory.display())).unwrap_or(file);
    format!(
        "{name} broke:\n{panic}\nThe input is {file}; all that was said is in {}.\nCopy the input to {CORPUS}/{name}/, see \
         `cargo nextest run --package storefold-fuzz` fail, and mend it.",
        said.display()
    )
}
