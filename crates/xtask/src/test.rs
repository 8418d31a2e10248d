//! `cargo xtask test`.

use std::time::Instant;

use anyhow::{Context, Result};

use crate::{
    browser,
    command::{cargo, output, run, target_directory},
    deployment, duckdb, nats_server, schemathesis, tools,
};

/// Runs every check in order and stops at the first that fails.
pub fn test() -> Result<()> {
    let nats_server = step("NATS server", nats_server::get)?;
    let duckdb = step("DuckDB", duckdb::get)?;
    let schemathesis = step("Schemathesis", schemathesis::get)?;
    let (chromium, modules) = step("browser", browser::get)?;
    let (modules_of_python, promtool) = step("what deploy/ is checked with", deployment::get)?;
    let path = step("tools", || {
        tools::rustfmt_and_clippy()?;
        tools::nextest()
    })?;
    step("formatting", || run(cargo(["fmt", "--all", "--check"])).context("format with `cargo fmt --all`"))?;
    step("clippy", || run(cargo(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])))?;
    // The same selection as nextest's, so that each dependency is compiled with one set of features.
    step("build", || run(cargo(["build", "--workspace", "--all-targets", "--locked"])))?;
    step("documentation", || {
        let mut doc = cargo(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet", "--locked"]);
        doc.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links");
        run(doc)?;
        // Nextest does not run examples. Most crates have none: one line for each would bury what matters.
        output(cargo(["test", "--workspace", "--doc", "--quiet", "--locked"])).map(drop)
    })?;

    heading("tests");
    let mut nextest = cargo(["nextest", "run", "--workspace", "--locked"]);
    nextest.env("PATH", path);
    nextest.env("NATS_SERVER", nats_server);
    nextest.env(duckdb::DIRECTORY, duckdb);
    nextest.env(schemathesis::MODULES, schemathesis);
    nextest.env(browser::BROWSER, chromium);
    nextest.env(browser::MODULES, modules);
    nextest.env(deployment::MODULES, modules_of_python);
    nextest.env(deployment::PROMTOOL, promtool);
    nextest.env("STOREFOLD_BIN", target_directory()?.join("debug/storefold"));
    run(nextest)
}

fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    heading(name);
    let started = Instant::now();
    let result = work()?;
    eprintln!("   {name}: {:.1} s", started.elapsed().as_secs_f64());
    Ok(result)
}

fn heading(name: &str) {
    eprintln!("== {name}");
}
