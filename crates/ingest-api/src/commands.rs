//! `POST /v1/commands/{command}`: one decision, answered by itself.
//!
//! What is accepted stands in the log as the event that the table names; what is refused leaves nothing behind, in the log
//! or in quarantine: whoever waits for the answer has it, and tries again or does not.

mod body;
mod describe;
mod table;

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Event, Key, Position};
use storefold_http_kit::{BodyRefused, NotRead, Params, Problem, SendsOnly, at_position};
use storefold_sequencer::{Effect, Outcome, Refused, Submission};

pub(crate) use self::{
    body::Sent,
    describe::describe_command,
    table::{COMMANDS, Command},
};
use crate::{
    Format, Intake,
    answer::shown,
    batch::{self, Context},
    rejected::Rejected,
    routes::Api,
};

/// The largest body of a command (inclusive): more than a record holds is no single decision.
pub const COMMAND_BYTES_MAX: usize = 512 << 10;

/// What was decided.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CommandTaken")]
pub(crate) struct Taken {
    /// Its place in the log; absent in a dry run, unless it is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
    /// The events it brought about, as points for a sale, with what the account holds after them. In a dry run without
    /// places; a repeat has those of the first time.
    caused: Vec<serde_json::Value>,
    /// Whether it was in the log already.
    repeated: bool,
}

pub(crate) async fn post_command(
    command: &'static Command,
    State(api): State<Arc<Api>>,
    only: Option<Extension<SendsOnly>>,
    mut params: Params,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let is_dry_run = params.take_flag("dry_run")?;
    params.none_left()?;
    let (body, _room) = api.room.read(&headers, body, COMMAND_BYTES_MAX).await.map_err(not_read)?;
    let _under_way = api.admission.admit(body.len())?;
    if !matches!(Format::of_request(&headers), Ok(Format::Json)) {
        let found = headers
            .get("content-type")
            .map_or_else(String::new, |found| String::from_utf8_lossy(found.as_bytes()).into());
        return Err(Problem::unsupported_media_type(&found, "application/json"));
    }
    let sent = Sent::read(command, &body, is_dry_run)?;
    let only = only.map(|Extension(only)| only);
    // A dry run that nobody is said to send is of anybody.
    let only = only.map(|only| if sent.has_source { only } else { SendsOnly { sources: Vec::new(), ..only } });
    let context = Context { only: only.as_ref(), ..api.intake.context() };
    let event = batch::read(Format::Json, &sent.event, context).map_err(|rejected| wrong(&rejected))?;
    let event = api.intake.sealed(event).await?;
    if is_dry_run {
        let key = if sent.is_named { event.key } else { Key::Caused };
        let taken = try_out(&api.intake, &Event { key, ..event }).await?;
        return Ok(at_position(api.intake.sequencer().head(), Json(taken).into_response()));
    }
    let (taken, head) = decide(&api.intake, &event).await?;
    Ok(at_position(head, Json(taken).into_response()))
}

impl Intake {
    /// Gives a command of this process itself, in the name of a source, at this moment, about a store where it is about one.
    /// Not idempotent: each is another.
    ///
    /// # Errors
    /// A problem that can be shown: the command is none, its data make no sense, or it was refused.
    pub async fn order(
        &self,
        command: &str,
        source: &str,
        store: Option<&str>,
        data: &serde_json::Value,
    ) -> Result<Position, Problem> {
        let Some(known) = COMMANDS.iter().find(|known| known.name == command) else { return Err(unknown(command)) };
        let at = chrono::DateTime::from_timestamp_millis(self.now_ms()).unwrap_or_default().to_rfc3339();
        let mut body =
            serde_json::json!({ "source": source, "id": uuid::Uuid::now_v7(), "occurred_at": at, "data": data });
        if let Some(store) = store {
            body["store"] = store.into();
        }
        let sent = Sent::read(known, body.to_string().as_bytes(), false)?;
        let event = batch::read(Format::Json, &sent.event, self.context()).map_err(|rejected| wrong(&rejected))?;
        let event = self.sealed(event).await?;
        Ok(decide(self, &event).await?.1)
    }
}

/// A command that is none.
pub(crate) async fn unknown_command(mut params: Params) -> Problem {
    unknown(&params.take("command").unwrap_or_default())
}

/// What somebody is told who names one that is none.
pub(crate) fn unknown(name: &str) -> Problem {
    let name: String = name.chars().take(64).collect();
    let known: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
    Problem::unknown("command", format_args!("`{name}` is no command; the commands are {}", known.join(", ")))
}

async fn decide(intake: &Intake, event: &Event<'_>) -> Result<(Taken, Position), Problem> {
    let mut decided = intake.command(Submission::command(event)).await?;
    let taken = match decided.outcomes.swap_remove(0) {
        Outcome::Accepted { position, caused } => {
            Taken { position: Some(position), caused: shown(&caused), repeated: false }
        }
        Outcome::Duplicate { position } => repeated(intake, position).await?,
        Outcome::Refused(refused) => return Err(said_no(refused)),
    };
    Ok((taken, decided.position))
}

async fn try_out(intake: &Intake, event: &Event<'_>) -> Result<Taken, Problem> {
    match intake.try_out(event).await? {
        Outcome::Accepted { caused, .. } => {
            let without_places = caused.iter().map(Effect::shown).map(|mut shown| {
                if let Some(fields) = shown.as_object_mut() {
                    fields.remove("position");
                    fields.remove("cause");
                }
                shown
            });
            Ok(Taken { position: None, caused: without_places.collect(), repeated: false })
        }
        Outcome::Duplicate { position } => repeated(intake, position).await,
        Outcome::Refused(refused) => Err(said_no(refused)),
    }
}

async fn repeated(intake: &Intake, position: Position) -> Result<Taken, Problem> {
    Ok(Taken { position: Some(position), caused: shown(&intake.caused_by(position).await?), repeated: true })
}

pub(crate) fn said_no(refused: Refused) -> Problem {
    let field = refused.field.map(Into::into);
    if refused.code == "idempotency_mismatch" {
        return Problem::in_the_way("idempotency_mismatch", field, refused.detail);
    }
    Problem::refused(refused.code, field, refused.detail)
}

/// What is wrong with the command by itself: with what is asked, or with how it is sent.
pub(crate) fn wrong(rejected: &Rejected) -> Problem {
    if matches!(rejected, Rejected::NotTheirs(_)) {
        return Problem::forbidden(rejected);
    }
    let refused = Refused::from(rejected);
    let field = refused.field.map(String::from);
    if field.as_ref().is_some_and(|field| field.starts_with("data.")) {
        return Problem::refused(refused.code, field, refused.detail);
    }
    Problem::malformed(refused.code, field, refused.detail)
}

pub(crate) fn not_read(not_read: NotRead) -> Problem {
    match not_read {
        NotRead::NoRoom(problem) => problem,
        NotRead::Refused(BodyRefused::TooLarge { size_bytes, .. }) => {
            let detail = format!(
                "the body has {size_bytes} bytes or more and at most {COMMAND_BYTES_MAX} are taken; send a smaller one"
            );
            Problem::too_large("body_too_large", COMMAND_BYTES_MAX as u64, detail)
        }
        NotRead::Refused(BodyRefused::Broken { detail, size_bytes, .. }) => {
            Problem::unparseable(format_args!("the body broke off after {size_bytes} bytes ({detail}); send it again"))
        }
    }
}
