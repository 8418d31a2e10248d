//! Lists for somebody who sees several parts of the network: each is asked about, and all stand in one list.
//!
//! Figures are not added up so: only a read model knows how. Parts do not overlap ([`Reach::places`]), so nothing is listed
//! twice.
//!
//! [`Reach::places`]: storefold_projection::Reach::places

use serde_json::{Value, json};
use storefold_projection::{Answered, Asked, Place, QueryError};

/// The most that is listed when nothing is asked for, as the question does.
const SCANNERS_DEFAULT: u64 = 100;

/// Puts the lists of several parts together; `asked` is what was asked of each.
type Merge = fn(Vec<Value>, &Asked) -> Value;

/// How the answers of a list are put together; none for a question that lists nothing.
fn merge_of(path: &str) -> Option<Merge> {
    match path {
        "/v1/stores" => Some(stores),
        "/v1/scanners" => Some(scanners),
        _ => None,
    }
}

/// Whether something is asked about a place.
pub(crate) fn names_a_place(asked: &Asked) -> bool {
    ["store", "scanner", "organisation"].iter().any(|name| asked.contains_key(*name))
}

/// The list of all places; none when the question is none of a list. A place where nothing stands is passed over.
pub(crate) fn together(
    path: &str,
    asked: &Asked,
    places: &[Place],
    ask: impl Fn(&Asked) -> Option<Result<Answered, QueryError>>,
) -> Option<Result<Answered, QueryError>> {
    let merge = merge_of(path)?;
    let (mut found, mut unknown) = (Vec::new(), None);
    for place in places {
        let mut of_place = asked.clone();
        of_place.insert(place.parameter().to_owned(), place.name().into());
        match ask(&of_place)? {
            Ok(answered) => found.push(answered),
            Err(error @ QueryError::Unknown { .. }) => unknown = Some(error),
            Err(error) => return Some(Err(error)),
        }
    }
    let read = |answered: &Answered| serde_json::from_slice(&answered.json);
    let answers = match found.iter().map(read).collect::<Result<Vec<Value>, _>>() {
        Ok(answers) => answers,
        Err(error) => return Some(Err(QueryError::Rows(error.to_string()))),
    };
    let Some(position) = found.iter().map(|answered| answered.position).min() else { return unknown.map(Err) };
    Some(Ok(Answered {
        json: merge(answers, asked).to_string().into(),
        position,
        rows_read: found.iter().map(|answered| answered.rows_read).sum(),
        age_ms: found.iter().map(|answered| answered.age_ms).max().unwrap_or_default(),
    }))
}

fn stores(answers: Vec<Value>, _: &Asked) -> Value {
    json!({ "stores": sorted(answers, "stores", "store") })
}

fn scanners(answers: Vec<Value>, asked: &Asked) -> Value {
    let found: u64 = answers.iter().filter_map(|answer| answer["found"].as_u64()).sum();
    let limit = asked.get("limit").and_then(|limit| limit.as_str()?.parse().ok()).unwrap_or(SCANNERS_DEFAULT);
    let mut scanners = sorted(answers, "scanners", "scanner");
    scanners.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = scanners.last().filter(|_| found > scanners.len() as u64).map(|last| last["scanner"].clone());
    json!({ "found": found, "scanners": scanners, "next": next })
}

/// What is in the lists, by a text; what has the same stays in its order.
fn sorted(answers: Vec<Value>, list: &str, by: &str) -> Vec<Value> {
    let take = |mut answer: Value| match answer[list].take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    let mut all: Vec<_> = answers.into_iter().flat_map(take).collect();
    all.sort_by(|a, b| a[by].as_str().cmp(&b[by].as_str()));
    all
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use serde_json::{Value, json};
    use storefold_projection::{Answered, Asked, Place, QueryError};

    use super::together;

    fn asked(limit: &str) -> Asked {
        Asked::from_iter([("limit".to_owned(), json!(limit))])
    }

    /// Scanners of two stores, of which as many are listed as are asked for, and of an organisation without any.
    fn answer(asked: &Asked) -> Result<Answered, QueryError> {
        let (scanners, position) = match asked.get("store").and_then(Value::as_str) {
            Some("A") => (vec!["3", "5"], 7),
            Some("B") => (vec!["1", "4"], 5),
            _ => return Err(QueryError::Unknown { kind: "organisation", name: "none".to_owned() }),
        };
        let limit: usize = asked["limit"].as_str().unwrap().parse().unwrap();
        let listed: Vec<_> = scanners.iter().take(limit).map(|scanner| json!({ "scanner": scanner })).collect();
        let json = json!({ "found": scanners.len(), "scanners": listed, "next": null }).to_string().into();
        Ok(Answered { json, position, rows_read: 2, age_ms: 0 })
    }

    #[test]
    fn scanners_of_several_places_are_one_list_with_one_end() {
        let places = ["A", "B"].map(|store| Place::Store(store.to_owned()));
        let places = [places.as_slice(), &[Place::Organisation("none".to_owned())]].concat();
        for (limit, listed, next) in
            [("2", json!(["1", "3"]), json!("3")), ("4", json!(["1", "3", "4", "5"]), Value::Null)]
        {
            let answered =
                together("/v1/scanners", &asked(limit), &places, |asked| Some(answer(asked))).unwrap().unwrap();
            let answer: Value = serde_json::from_slice(&answered.json).unwrap();
            let scanners: Vec<_> = answer["scanners"].as_array().unwrap().iter().map(|one| &one["scanner"]).collect();
            assert_eq!((json!(scanners), &answer["next"], &answer["found"]), (listed, &next, &json!(4)));
            assert_eq!((answered.position, answered.rows_read), (5, 4), "complete up to the lowest position");
        }
    }

    #[test]
    fn what_is_no_list_is_not_put_together_and_what_is_unknown_everywhere_is_unknown() {
        let none = [Place::Organisation("none".to_owned())];
        assert!(together("/v1/kpis/turnover", &asked("2"), &none, |asked| Some(answer(asked))).is_none());
        let answered = together("/v1/scanners", &asked("2"), &none, |asked| Some(answer(asked))).unwrap();
        assert!(matches!(answered, Err(QueryError::Unknown { .. })));
    }
}
