//! `/v1/quarantine`: what was refused, to be looked at, retried, or dropped.

mod shown;

use std::sync::Arc;

use aide::transform::TransformOperation;
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;
use storefold_events::TEXT_BYTES_MAX;
use storefold_http_kit::{Describe, Fault, ParameterDocs, Params, Problem, at_position, read_body};
use storefold_sequencer::{Entry, KeptBody, Outcome, Page, Query};

use self::shown::{ShownEntry, ShownPage};
use crate::{
    Format, Intake,
    answer::Answer,
    batch::{Batch, Context},
    commands::said_no,
    intake::Taken,
    problems::from_quarantine,
    routes::Api,
};

/// Entries in an answer when the request does not say.
const ENTRIES_DEFAULT: u64 = 100;

/// Entries in an answer at most (inclusive).
const ENTRIES_MAX: u64 = 1_000;

/// The largest body with a reason (inclusive): a text of the longest kind, every byte of it escaped.
const REASON_BODY_BYTES_MAX: usize = 8 * 1_024;

pub(crate) async fn list(State(api): State<Arc<Api>>, mut params: Params) -> Result<Json<ShownPage>, Problem> {
    let limit = params.take_number("limit")?.unwrap_or(ENTRIES_DEFAULT);
    if !(1..=ENTRIES_MAX).contains(&limit) {
        return Err(Problem::bad_parameter("limit", format_args!("is {limit}; ask for 1 to {ENTRIES_MAX} entries")));
    }
    let after = params.take_number("after")?.unwrap_or(0);
    let query = Query { after, code: params.take("code"), source: params.take("source"), limit: limit as usize };
    params.none_left()?;
    let quarantine = api.intake.sequencer().quarantine().clone();
    let page = tokio::task::spawn_blocking(move || quarantine.list(&query)).await;
    let page = page.map_err(Problem::internal)?.map_err(|error| from_quarantine(&error))?;
    let entries = page.entries.into_iter().map(|(number, entry)| (number, opened(&api.intake, entry))).collect();
    Ok(Json(ShownPage::from(Page { entries, ..page })))
}

pub(crate) async fn retry(State(api): State<Arc<Api>>, mut params: Params) -> Result<Response, Problem> {
    let ask_anew = params.take_flag("ask_anew")?;
    let (number, entry) = entry(&api, params)?;
    let taken = try_again(&api.intake, number, entry, ask_anew).await?;
    let json = Answer::from(&taken).to_json();
    Ok(at_position(taken.decided.position, ([(header::CONTENT_TYPE, "application/json")], json).into_response()))
}

async fn try_again(intake: &Intake, number: u64, entry: Entry, ask_anew: bool) -> Result<Taken, Problem> {
    // What can be read now and is refused all the same has become an entry of its own, as the event it is.
    let read_anew = !matches!(entry.kept.body, KeptBody::Event(_));
    let refused = entry.kept.code.clone();
    let kept_body = entry.kept.body.clone();
    let mut batch = again(opened(intake, entry), intake)?;
    if batch.submission.has_requests() && !ask_anew {
        return Err(must_be_asked_anew(&refused));
    }
    batch.submission = batch.submission.asked_anew();
    let taken = intake.submit(batch).await?;
    if taken.rejected.is_empty() && (read_anew || taken.counts().rejected == 0) {
        let resolved = intake.sequencer().quarantine().resolve(number).await;
        resolved.map_err(|error| from_quarantine(&error))?;
        forget(intake, &kept_body)?;
    }
    Ok(taken)
}

/// The entry as it was sent; a body whose key was destroyed is empty, and cannot be retried.
fn opened(intake: &Intake, mut entry: Entry) -> Entry {
    let Some(vault) = intake.vault() else { return entry };
    entry.kept.body = match entry.kept.body {
        KeptBody::Event(encoded) => KeptBody::Event(encoded),
        KeptBody::Json(sealed) => vault.open_body(&sealed).map_or(ERASED, KeptBody::Json),
        KeptBody::Msgpack(sealed) => vault.open_body(&sealed).map_or(ERASED, KeptBody::Msgpack),
        KeptBody::Request { start, bytes } => {
            KeptBody::Request { start: vault.open_body(&start).unwrap_or_default(), bytes }
        }
    };
    entry
}

/// A body that somebody was named in who was erased.
const ERASED: KeptBody = KeptBody::Request { start: Vec::new(), bytes: 0 };

/// Destroys the key of a body that is not needed any more: the file of the quarantine may hold it for long.
fn forget(intake: &Intake, body: &KeptBody) -> Result<(), Problem> {
    let (Some(vault), KeptBody::Json(sealed) | KeptBody::Msgpack(sealed)) = (intake.vault(), body) else {
        return Ok(());
    };
    vault.erase_body(sealed, intake.now_ms()).map_err(Problem::internal)
}

impl Intake {
    /// Entries of the quarantine after a number, so many at most.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn quarantined(&self, after: u64, limit: usize) -> Result<Page, Problem> {
        let query = Query { after, code: None, source: None, limit };
        self.sequencer().quarantine().list(&query).map_err(|error| from_quarantine(&error))
    }

    /// Decides an entry of the quarantine anew; a request that was refused to somebody is not.
    ///
    /// # Errors
    /// Why it is still refused, and that it stays where it is.
    pub async fn retry(&self, number: u64) -> Result<(), Problem> {
        let entry = self.sequencer().quarantine().get(number).map_err(|error| from_quarantine(&error))?;
        let taken = try_again(self, number, entry, false).await?;
        let rejected = taken.rejected.into_iter().map(|(_, refused)| refused);
        let refused = taken.decided.outcomes.into_iter().filter_map(|outcome| match outcome {
            Outcome::Refused(refused) => Some(refused),
            Outcome::Accepted { .. } | Outcome::Duplicate { .. } => None,
        });
        match rejected.chain(refused).next() {
            None => Ok(()),
            Some(refused) => Err(said_no(refused)),
        }
    }

    /// Marks an entry of the quarantine as dropped; the reason stays with it.
    ///
    /// # Errors
    /// When there is no such entry, or the reason is none.
    pub async fn drop_entry(&self, number: u64, reason: String) -> Result<(), Problem> {
        let reason = checked(reason)?;
        self.sequencer().quarantine().drop_entry(number, reason).await.map_err(|error| from_quarantine(&error))
    }
}

/// Whoever asked was told no and has gone on without: taking it now is for somebody to decide who knows that.
fn must_be_asked_anew(refused: &str) -> Problem {
    let detail = format!(
        "this asks for points, or for what they buy, and whoever asked was told no ({refused}); taken now, it would move \
         points that nobody waits for. Retry it with ask_anew=true if it is still wanted, otherwise drop it"
    );
    Problem::refused("must_be_asked_anew", Some("ask_anew".to_owned()), detail)
}

/// Why an entry is dropped.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DropReason {
    /// In a sentence; it stays with the entry.
    reason: String,
}

pub(crate) async fn drop(
    State(api): State<Arc<Api>>,
    params: Params,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ShownEntry>, Problem> {
    let (number, _) = entry(&api, params)?;
    let reason = reason(&headers, body).await?;
    let quarantine = api.intake.sequencer().quarantine();
    quarantine.drop_entry(number, reason).await.map_err(|error| from_quarantine(&error))?;
    let entry = quarantine.get(number).map_err(|error| from_quarantine(&error))?;
    Ok(Json(ShownEntry::of(number, opened(&api.intake, entry))))
}

async fn reason(headers: &HeaderMap, body: Body) -> Result<String, Problem> {
    let body = read_body(headers, body, REASON_BODY_BYTES_MAX).await.map_err(|_| {
        let detail = format!("a reason is sent in a body of at most {REASON_BODY_BYTES_MAX} bytes; make it shorter");
        Problem::too_large("body_too_large", REASON_BODY_BYTES_MAX as u64, detail)
    })?;
    let DropReason { reason } = serde_json::from_slice(&body)
        .map_err(|error| Problem::unparseable(format_args!("{error}; send {{\"reason\": \"why\"}}")))?;
    checked(reason)
}

fn checked(reason: String) -> Result<String, Problem> {
    if reason.trim().is_empty() || reason.len() > TEXT_BYTES_MAX {
        let detail = format!("say why in 1 to {TEXT_BYTES_MAX} bytes");
        return Err(Problem::refused("reason_missing", Some("reason".to_owned()), detail));
    }
    Ok(reason)
}

fn entry(api: &Api, mut params: Params) -> Result<(u64, Entry), Problem> {
    let number = params.take_number("entry")?.unwrap_or_default();
    params.none_left()?;
    let entry = api.intake.sequencer().quarantine().get(number).map_err(|error| from_quarantine(&error))?;
    Ok((number, entry))
}

/// The entry as it was sent, read anew: what this release did not know another may.
fn again(entry: Entry, intake: &Intake) -> Result<Batch, Problem> {
    if let Some(reason) = entry.dropped {
        let detail = format!("the entry was dropped ({reason}); send its event anew if it is wanted after all");
        return Err(Problem::refused("entry_dropped", None, detail));
    }
    // Whoever spoke for somebody else does not get through by a retry.
    let sender = entry.kept.source.filter(|_| entry.kept.code == "source_mismatch");
    let context = Context { sender: sender.as_deref(), ..intake.context() };
    let mut batch = Batch::default();
    let added = match &entry.kept.body {
        KeptBody::Event(encoded) => {
            batch.submission.push_encoded(encoded);
            batch.count += 1;
            Ok(())
        }
        KeptBody::Json(sent) => batch.add(Format::Json, sent, context),
        KeptBody::Msgpack(sent) => batch.add(Format::Msgpack, sent, context),
        KeptBody::Request { .. } => {
            let detail = "only the beginning of this request was kept; its sender has to send it again";
            return Err(Problem::refused("nothing_to_retry", None, detail));
        }
    };
    added.map(|()| batch).map_err(|error| Problem::refused(error.code(), None, error))
}

pub(crate) fn describe_list(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let text = || json_schema!({ "type": "string" });
    docs.id("list_quarantine")
        .tag("Quarantine")
        .summary("What was refused")
        .description("Oldest first. An event that waits for its cause is taken in by itself when the cause arrives.")
        .asks(query("code", "Only refusals with this code.", text()))
        .asks(query("source", "Only what this producer sent.", text()))
        .asks(query("after", "Only entries after this one.", json_schema!({ "type": "integer", "minimum": 0 })))
        .asks(query(
            "limit",
            "How many entries at most.",
            json_schema!({ "type": "integer", "minimum": 1, "maximum": ENTRIES_MAX, "default": ENTRIES_DEFAULT }),
        ))
        .fails(Fault::NotUnderstood, "A parameter makes no sense.")
}

const RETRY: &str = "Reads and decides what was sent anew. When it is taken in, the entry is gone. A request, as a claim of \
    a gift, is decided only with `ask_anew=true`: whoever asked was told no, and taken later it would move points that \
    nobody waits for.";

pub(crate) fn describe_retry(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let taken = aide::generate::in_context(|context| context.schema.subschema_for::<Answer<'static>>());
    docs.id("retry_quarantined")
        .tag("Quarantine")
        .summary("Try an entry again")
        .description(RETRY)
        .asks(entry_number())
        .asks(query(
            "ask_anew",
            "Whether a request that was refused is asked anew.",
            json_schema!({ "type": "boolean", "default": false }),
        ))
        .fails(Fault::NotUnderstood, "A parameter makes no sense.")
        .answers("What became of it.", taken, None, true)
        .fails(Fault::Unknown, "There is no such entry.")
        .fails(
            Fault::Refused,
            "The entry was dropped, holds nothing that can be retried, or is a request that has to be asked anew.",
        )
}

pub(crate) fn describe_drop(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let reason = aide::generate::in_context(|context| context.schema.subschema_for::<DropReason>());
    let example = serde_json::json!({ "reason": "a test of the new till" });
    docs.id("drop_quarantined")
        .tag("Quarantine")
        .summary("Drop an entry")
        .description("The entry stays, with the reason, and is not retried any more.")
        .asks(entry_number())
        .takes("Why.", vec![("application/json", reason, example)])
        .fails(Fault::NotUnderstood, "The body is not a reason.")
        .fails(Fault::Unknown, "There is no such entry.")
        .fails(Fault::TooLarge, "The body is too large for a reason.")
        .fails(Fault::Refused, "The reason is empty or too long.")
}

fn query(name: &str, description: &str, schema: schemars::Schema) -> ParameterDocs {
    ParameterDocs { name: name.to_owned(), description: Some(description.to_owned()), schema, in_path: false }
}

fn entry_number() -> ParameterDocs {
    let schema = json_schema!({ "type": "integer", "minimum": 1 });
    let description = Some("Number of the entry.".to_owned());
    ParameterDocs { name: "entry".to_owned(), description, schema, in_path: true }
}
