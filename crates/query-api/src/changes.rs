//! `GET /v1/changes`: which read models have moved on, told while they do.
//!
//! Nobody is waited for: a stream holds how far its reader was told, and looks up how far the models are. What a slow
//! reader missed is told in one event when it reads again; no reader costs more than another, and none holds a model up.

use std::{convert::Infallible, sync::Arc, time::Duration};

use aide::{
    axum::{ApiRouter, routing},
    transform::TransformOperation,
};
use axum::{
    Extension,
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{FutureExt, Stream, future::select_all, stream};
use schemars::{JsonSchema, json_schema};
use serde::Serialize;
use storefold_events::Position;
use storefold_http_kit::{Describe, Fault, ParameterDocs, Params, Problem, StillStands, Stopping, at_position};
use storefold_projection::{Reach, RunnerHandle};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, sleep, sleep_until},
};

/// A model is told about once in this time at most.
const ROUND_TIME_MIN: Duration = Duration::from_millis(100);

/// A stream that has nothing to tell says so as often, so that whoever stands between does not end it.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The stream of somebody who had to say who he is ends after as long: he comes again by himself, and is asked anew.
const SEEN_TIME_MAX: Duration = Duration::from_mins(1);

/// As often it is looked whether the session or the token of a reader still stands.
const LOOKED_EVERY: Duration = Duration::from_secs(2);

/// How many streams are open at a time.
const STREAMS_MAX: usize = 1_024;

/// When to come again if all places are taken.
const RETRY_AFTER_S: u32 = 10;

const LAST_EVENT_ID: &str = "last-event-id";

struct Changes {
    models: RunnerHandle,
    places: Arc<Semaphore>,
}

/// A read model has moved on.
#[derive(Serialize, JsonSchema)]
struct Moved {
    /// Its name.
    model: &'static str,
    /// Every event up to it (inclusive) is in its rows now.
    position: Position,
}

/// A model that a reader follows.
struct Followed {
    model: &'static str,
    position: watch::Receiver<Position>,
    told: Position,
}

struct Reader {
    models: Vec<Followed>,
    /// The next to look at in this round; when all were, the round is over.
    next: usize,
    round_began: Instant,
    /// Never, where everybody may ask.
    ends_at: Option<Instant>,
    /// Whether the reader may still be told; everybody may, where nobody has to say who he is.
    stands: Option<StillStands>,
    stopping: Stopping,
    _place: OwnedSemaphorePermit,
}

pub(crate) fn routes(models: &RunnerHandle) -> ApiRouter {
    let changes = Changes { models: models.clone(), places: Arc::new(Semaphore::new(STREAMS_MAX)) };
    ApiRouter::new().api_route("/v1/changes", routing::get_with(changes_of, describe)).with_state(Arc::new(changes))
}

async fn changes_of(
    State(changes): State<Arc<Changes>>,
    reach: Option<Extension<Arc<dyn Reach>>>,
    stands: Option<Extension<StillStands>>,
    mut params: Params,
    headers: HeaderMap,
    stopping: Stopping,
) -> Result<Response, Problem> {
    let asked = params.take("models");
    params.none_left()?;
    let told = told_before(&headers)?;
    let reach = reach.map(|Extension(reach)| reach);
    let models = followed(&changes.models, asked.as_deref(), told, reach.as_deref())?;
    let place = changes.places.clone().try_acquire_owned().map_err(|_| {
        Problem::overloaded(
            RETRY_AFTER_S,
            format_args!("{STREAMS_MAX} streams are open, which is the most; come again"),
        )
    })?;
    let position = models.iter().map(|followed| *followed.position.borrow()).min().unwrap_or_default();
    let (now, stands) = (Instant::now(), stands.map(|Extension(stands)| stands));
    let ends_at = reach.map(|_| now + SEEN_TIME_MAX);
    let reader = Reader { models, next: 0, round_began: now, ends_at, stands, stopping, _place: place };
    let heartbeat = KeepAlive::new().interval(HEARTBEAT);
    Ok(at_position(position, Sse::new(events(reader)).keep_alive(heartbeat).into_response()))
}

/// How far a reader was told that comes again.
fn told_before(headers: &HeaderMap) -> Result<Position, Problem> {
    let Some(id) = headers.get(LAST_EVENT_ID) else { return Ok(0) };
    let position = id.to_str().ok().and_then(|id| id.parse().ok());
    position.ok_or_else(|| {
        Problem::bad_parameter("Last-Event-ID", "is not the id of an event of this stream; leave it out")
    })
}

fn followed(
    models: &RunnerHandle,
    asked: Option<&str>,
    told: Position,
    reach: Option<&dyn Reach>,
) -> Result<Vec<Followed>, Problem> {
    let mut known: Vec<_> = models.status().into_iter().map(|status| status.name).collect();
    known.retain(|model| reach.is_none_or(|reach| reach.sees_model(model)));
    let asked: Option<Vec<_>> = asked.map(|names| names.split(',').map(str::trim).collect());
    if let Some(unknown) = asked.iter().flatten().find(|name| !known.contains(name)) {
        let detail = format!("names `{unknown}`, which is no read model; there are {}", known.join(", "));
        return Err(Problem::bad_parameter("models", detail));
    }
    if known.is_empty() {
        return Err(Problem::unknown("read_model", "this node has no read models; ask one that has"));
    }
    let chosen = known.into_iter().filter(|name| asked.as_ref().is_none_or(|asked| asked.contains(name)));
    Ok(chosen.filter_map(|model| Some(Followed { model, position: models.position(model)?, told })).collect())
}

fn events(reader: Reader) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(reader, |mut reader| async move { reader.next().await.map(|event| (Ok(event), reader)) })
}

impl Reader {
    /// The next event; none when the server stops, or the reader may be told no more.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.next == 0 && self.stands.as_ref().is_some_and(|stands| !stands.now()) {
                return None;
            }
            if let Some(event) = self.next_of_round() {
                return Some(event);
            }
            // What happens meanwhile is told together.
            tokio::select! {
                () = sleep_until(self.round_began + ROUND_TIME_MIN) => {}
                () = self.stopping.told() => return None,
                () = reached(self.ends_at) => return None,
            }
            let moves = self.models.iter_mut().map(|Followed { position, told, .. }| {
                let told = *told;
                async move { position.wait_for(|position| *position > told).await.is_ok() }.boxed()
            });
            let has_moved = tokio::select! {
                (has_moved, ..) = select_all(moves) => has_moved,
                () = self.stopping.told() => false,
                () = reached(self.ends_at) => false,
                // A round without news, in which it is looked again whether the reader may be told.
                () = sleep(LOOKED_EVERY), if self.stands.is_some() => true,
            };
            if !has_moved {
                return None;
            }
            (self.next, self.round_began) = (0, Instant::now());
        }
    }

    fn next_of_round(&mut self) -> Option<Event> {
        while let Some(followed) = self.models.get_mut(self.next) {
            self.next += 1;
            let (model, position) = (followed.model, *followed.position.borrow());
            if position > followed.told {
                followed.told = position;
                // Whoever comes again with it may hear of a model twice, but misses none.
                let told_of_all = self.models.iter().map(|followed| followed.told).min().unwrap_or_default();
                let event = Event::default().id(told_of_all.to_string());
                return Some(event.json_data(Moved { model, position }).expect("a name and a number can be written"));
            }
        }
        None
    }
}

/// Waits until then, or for ever.
async fn reached(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn describe(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let moved = aide::generate::in_context(|context| context.schema.subschema_for::<Moved>());
    docs.id("follow_changes")
        .tag("Operations")
        .summary("Which read models have moved on, as Server-Sent Events")
        .description(
            "A stream that stays open: first how far every read model is, then an event whenever one has moved on, whose \
             data is the model and its position; ask its questions with `at_least` of it. What happens within 100 ms is \
             told together. A comment is sent after 15 s without an event. A reader that comes again with `Last-Event-ID` \
             is told of the models that have moved on since, and of none too few; some may be told again. Where one has \
             to sign in, a stream ends after a minute, and whoever comes again is asked anew; it ends within 2 s once the \
             session or the token stands no more. At most 1,024 streams are \
             open at a time.",
        )
        .asks(ParameterDocs {
            name: "models".to_owned(),
            description: Some("Only these read models, with commas between; all when it is absent.".to_owned()),
            schema: json_schema!({ "type": "string" }),
            in_path: false,
        })
        .streams("Events, each with a model and its position as data.", vec![("text/event-stream", moved)])
        .fails(Fault::NotUnderstood, "A parameter makes no sense; `field` names it.")
        .fails(Fault::Unavailable, "Too many streams are open.")
}
