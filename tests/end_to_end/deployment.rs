//! The files in `deploy/` are what the programs that read them take, and what they ask of `storefold` is there.

use std::{
    collections::BTreeSet,
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::program::{binary, storefold};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

fn modules() -> PathBuf {
    env::var_os("DEPLOY_PYTHONPATH").expect("`cargo xtask test` fetches the checkers and says where").into()
}

/// Holds that a checker is content, and gives what it printed.
fn content(mut checker: Command) -> String {
    let output = checker.output().unwrap_or_else(|error| panic!("{checker:?}: {error}; `cargo xtask test` gets it"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{checker:?}\n{said}");
    said
}

/// Files of a folder with an ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(deploy().join(folder)).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension() == Some(OsStr::new(ending)));
    found.sort();
    assert!(!found.is_empty(), "{folder} has no .{ending}");
    found
}

/// `/etc/storefold` as somebody fills it: every configuration of a node, and a certificate.
fn etc() -> tempfile::TempDir {
    let etc = tempfile::tempdir().unwrap();
    storefold_nats_testbed::Certificates::make(etc.path()).unwrap();
    for file in files("storefold", "toml") {
        let text = fs::read_to_string(&file).unwrap().replace("/etc/storefold", etc.path().to_str().unwrap());
        fs::write(etc.path().join(file.file_name().unwrap()), text).unwrap();
    }
    etc
}

/// Holds that `storefold` understands an order as somebody deploys it: its configuration is read from this repository.
fn is_understood(order: &[&str]) {
    let order: Vec<String> = order.iter().map(ToString::to_string).collect();
    match order[0].as_str() {
        "serve" => {
            let etc = etc();
            // The Compose file puts each node's own there.
            let own = |word: &String| word.replace("/storefold.toml", "/write.toml");
            let here = |word: &String| own(word).replace("/etc/storefold", etc.path().to_str().unwrap());
            let ended = storefold(order.iter().map(here).chain(["--check".to_owned()]));
            assert_eq!(ended.code, Some(0), "{order:?}: {}", ended.stderr);
        }
        command => {
            let help = storefold([command, "--help"]).ok();
            for flag in order.iter().filter(|word| word.starts_with("--")) {
                assert!(help.contains(&format!("{flag} <")), "{command} has no {flag}");
            }
        }
    }
}

#[test]
fn every_configuration_of_a_node_is_understood() {
    for file in files("storefold", "toml") {
        is_understood(&["serve", "--config", &format!("/etc/storefold/{}", file.file_name().unwrap().display())]);
    }
}

#[test]
fn units_are_understood_by_systemd_and_their_orders_by_storefold() {
    let kept = tempfile::tempdir().unwrap();
    for file in files("systemd", "service").into_iter().chain(files("systemd", "timer")) {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines() {
            let words = || line.split(' ').skip(1).collect::<Vec<_>>();
            if line.starts_with("ExecStart=/usr/bin/storefold ") {
                is_understood(&words());
            }
        }
        // The programs stand elsewhere here, and nobody is called nats.
        let server = storefold_nats_testbed::binary().unwrap();
        let text = text
            .replace("/usr/bin/storefold", binary().to_str().unwrap())
            .replace("/usr/bin/nats-server", server.to_str().unwrap());
        fs::write(kept.path().join(file.file_name().unwrap()), text).unwrap();
    }
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]).args(fs::read_dir(kept.path()).unwrap().map(|entry| entry.unwrap().path()));
    let said = content(verify);
    let of_ours = said.lines().filter(|line| line.contains("storefold") || line.contains("nats-server"));
    assert_eq!(of_ours.collect::<Vec<_>>(), [""; 0], "what it has to say about them");
}

#[test]
fn manifests_and_the_compose_file_keep_their_schemas_and_their_orders_are_understood() {
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", modules());
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("end_to_end/in_deploy.py")).arg(deploy());
    let orders = content(python);
    let orders: Vec<Vec<String>> = orders.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(orders.len(), 4, "two nodes each");
    for order in orders {
        is_understood(&order.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn the_dockerfile_is_clean_and_its_order_is_understood() {
    let file = deploy().join("docker/Dockerfile");
    let mut hadolint = Command::new(modules().join("bin/hadolint"));
    hadolint.arg(&file);
    content(hadolint);
    let text = fs::read_to_string(file).unwrap();
    let order = text.lines().find_map(|line| line.strip_prefix("CMD ")).unwrap();
    let order: Vec<String> = serde_json::from_str(order).unwrap();
    is_understood(&order.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(text.lines().any(|line| line.starts_with("USER 1")), "it does not run as root");
}

#[test]
fn every_alert_is_tried_and_has_a_line_in_the_runbook() {
    let promtool = || {
        let mut command = Command::new(env::var_os("PROMTOOL").unwrap_or_else(|| "promtool".into()));
        command.current_dir(deploy().join("prometheus"));
        command
    };
    for arguments in [
        &["check", "config", "prometheus.yml"],
        &["check", "rules", "storefold.rules.yml"],
        &["test", "rules", "storefold.rules.test.yml"],
    ] {
        let mut command = promtool();
        command.args(arguments);
        content(command);
    }
    let read = |path: &str| fs::read_to_string(deploy().join(path)).unwrap();
    let after = |text: &str, start: &str| -> BTreeSet<String> {
        text.lines().filter_map(|line| line.trim().strip_prefix(start)).map(str::to_owned).collect()
    };
    let rules = read("prometheus/storefold.rules.yml");
    let alerts = after(&rules, "- alert: ");
    assert!(alerts.len() > 10, "{alerts:?}");
    assert_eq!(
        after(&read("RUNBOOK.md"), "## Storefold"),
        alerts.iter().map(|name| name["Storefold".len()..].to_owned()).collect()
    );
    let named: BTreeSet<String> = after(&rules, "runbook: RUNBOOK.md#");
    assert_eq!(named, alerts.iter().map(|name| name.to_lowercase()).collect());
    let tried = read("prometheus/storefold.rules.test.yml");
    for alert in &alerts {
        assert!(tried.contains(&format!("alertname: {alert},")), "{alert} is not held to be silent on a quiet day");
        assert!(tried.contains(&format!("alertname=\"{alert}\"")), "{alert} is not held to ring");
    }
}
