//! The threat model names what is there.

use std::fs;

use super::root;

/// What stands between backticks.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// What is wrong with a line of the table.
fn wrong(line: &str) -> Option<String> {
    let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
    let [_, _, defence, test] = cells[..] else { return Some(format!("{line} has not four cells")) };
    let [defence] = names(defence)[..] else { return Some(format!("{line} names not one place")) };
    let [file, test] = names(test)[..] else { return Some(format!("{line} names not one test")) };
    if !root().join(defence).is_file() {
        return Some(format!("{defence} is not there"));
    }
    let program = fs::read_to_string(root().join(file)).unwrap_or_default();
    let is_there = program.lines().any(|line| {
        let name = line.trim_start().strip_prefix("pub ").unwrap_or(line.trim_start());
        let name = name.strip_prefix("async ").unwrap_or(name).strip_prefix("fn ");
        name.and_then(|name| name.strip_prefix(test)).is_some_and(|rest| rest.starts_with('('))
    });
    (!is_there).then(|| format!("{file} has no test {test}"))
}

#[test]
fn every_threat_names_a_defence_and_a_test_that_are_there() {
    let page = fs::read_to_string(root().join("crates/THREATS.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).skip(2).collect();
    assert!(rows.len() > 20, "the page has a table of threats");
    let wrong: Vec<String> = rows.into_iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_name_that_is_gone_is_found() {
    let row =
        |defence: &str, test: &str| format!("| who | what | `{defence}` | `tests/workspace/threats.rs` `{test}` |");
    assert_eq!(wrong(&row("Cargo.toml", "a_name_that_is_gone_is_found")), None);
    assert_eq!(wrong(&row("Cargo.tom", "a_name_that_is_gone_is_found")).as_deref(), Some("Cargo.tom is not there"));
    let gone = wrong(&row("Cargo.toml", "a_name_that_is_gone"));
    assert_eq!(gone.as_deref(), Some("tests/workspace/threats.rs has no test a_name_that_is_gone"));
    assert!(wrong("| who | what |").is_some());
}
