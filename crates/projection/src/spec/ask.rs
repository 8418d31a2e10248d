//! Finding the question that a path asks.

use serde_json::Value;

use super::MemoryStore;
use crate::{Asked, Projector, QueryError};

/// Asks by a path with values in it and a query string.
#[track_caller]
pub(super) fn ask<P: Projector>(store: &MemoryStore, now_ms: i64, uri: &str) -> Result<Value, QueryError> {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let questions = P::questions();
    let found = questions.iter().find_map(|question| Some((question.path, captures(question.path, path)?)));
    let Some((template, mut asked)) = found else { panic!("{} has no question for {path}", P::NAME) };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        asked.insert(name.to_owned(), value.into());
    }
    ask_with::<P>(store, now_ms, template, &asked)
}

/// Asks by a path template and parameters by name.
#[track_caller]
pub(super) fn ask_with<P: Projector>(
    store: &MemoryStore,
    now_ms: i64,
    path_template: &str,
    asked: &Asked,
) -> Result<Value, QueryError> {
    let questions = P::questions();
    let found = questions.iter().find(|question| question.path == path_template);
    let Some(question) = found else { panic!("{} has no question {path_template}", P::NAME) };
    let answered = (question.answer)(store, now_ms, asked)?;
    Ok(serde_json::from_slice(&answered.json).expect("an answer is JSON"))
}

/// The values that stand in `path` where `template` has names in braces; none when they do not match.
fn captures(template: &str, path: &str) -> Option<Asked> {
    let (mut names, mut values) = (template.split('/'), path.split('/'));
    let mut captured = Asked::new();
    loop {
        match (names.next(), values.next()) {
            (None, None) => return Some(captured),
            (Some(name), Some(value)) => match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => drop(captured.insert(name.to_owned(), value.into())),
                None if name == value => {}
                None => return None,
            },
            _ => return None,
        }
    }
}
