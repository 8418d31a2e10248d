//! `GET /v1/read-models/{model}/rows`: a whole table of a read model, while it is read.

use std::{
    io::{self, Write},
    sync::Arc,
};

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use storefold_events::Position;
use storefold_http_kit::{AT_LEAST, AT_LEAST_TIME_MAX, BodyWriter, Params, Problem, at_position, written_body};
use storefold_projection::{
    Counted, Narrowed, NoTable, Reach, TableError, TableRows, TableSink, UseOfModel, store_column,
};
use storefold_table_files::FileFormat;
use tokio::{
    sync::{OwnedSemaphorePermit, oneshot},
    task::spawn_blocking,
};

use super::{Operations, format};
use crate::{ask::SNAPSHOT, problems::from_wait};

/// How many tables are written at a time: each holds a thread, and rows as they were when it began.
pub(crate) const TABLES_AT_A_TIME_MAX: usize = 4;

/// How many records follow.
pub(super) const ROWS_HEADER: HeaderName = HeaderName::from_static("x-storefold-rows");

/// When to come again if all places are taken.
const RETRY_AFTER_S: u32 = 2;

pub(super) async fn rows(
    State(operations): State<Arc<Operations>>,
    reach: Option<Extension<Arc<dyn Reach>>>,
    mut params: Params,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let model = params.take("model").unwrap_or_default();
    let (table, snapshot) = (params.take("table"), params.take(SNAPSHOT));
    let at_least = params.take_number(AT_LEAST)?;
    let format = format::asked(params.take(format::FORMAT), &headers)?;
    params.none_left()?;
    let found = operations.models.table(&model, table.as_deref(), snapshot.as_deref());
    let found = found.map_err(|error| from_no_table(&error))?;
    // Who does not see the network sees the records of his own stores, in tables that tell of which store a record is.
    let lets = |Extension(reach): Extension<Arc<dyn Reach>>| {
        let nowhere = || Problem::unknown("read_model", format_args!("there is no read model `{model}`"));
        reach.within(&model, UseOfModel::Download).ok_or_else(nowhere)
    };
    let reach = reach.map(lets).transpose()?.filter(|reach| !reach.is_whole());
    let column = store_column(&found.table().columns);
    if reach.is_some() && column.is_none() {
        return Err(Problem::unknown("table", format_args!("{model} has no table that tells your stores apart")));
    }
    let narrowed = reach.zip(column);
    if let Some(at_least) = at_least.filter(|_| snapshot.is_none()) {
        let waited = operations.models.wait_for(found.model(), at_least, AT_LEAST_TIME_MAX).await;
        waited.map_err(|error| from_wait(&error))?;
    }
    let place = operations.places.clone().try_acquire_owned().map_err(|_| {
        let detail = format!("{TABLES_AT_A_TIME_MAX} tables are being written, which is the most; come again");
        Problem::overloaded(RETRY_AFTER_S, detail)
    })?;
    answer(found, snapshot.as_deref(), format, narrowed, place).await
}

async fn answer(
    rows: TableRows,
    snapshot: Option<&str>,
    format: FileFormat,
    narrowed: Option<ToStores>,
    place: OwnedSemaphorePermit,
) -> Result<Response, Problem> {
    let name = [Some(rows.model()), Some(rows.table().name), snapshot].into_iter().flatten().collect::<Vec<_>>();
    let name = name.join("-");
    let (body, written) = written_body();
    let (begun, begins) = oneshot::channel();
    let writing = spawn_blocking(move || {
        let _place = place;
        write(&rows, format, narrowed, Sink { begun: Some(begun), body })
    });
    let Ok(Begun { position, records }) = begins.await else {
        let outcome = writing.await.map_err(Problem::internal)?;
        return Err(match outcome {
            Err(TableError::Unfit(detail)) => {
                Problem::refused("format_without_room", Some(format::FORMAT.to_owned()), detail)
            }
            Err(error) => Problem::internal(error),
            Ok(()) => Problem::internal("a table ended before it began"),
        });
    };
    let attachment = format!("attachment; filename=\"{name}-{position}.{}\"", format.name());
    let headers = [
        (header::CONTENT_TYPE, format::content_type(format)),
        // Who asks again with another `Accept` has another file.
        (header::VARY, "accept".to_owned()),
        (header::CONTENT_DISPOSITION, attachment),
        (ROWS_HEADER, records.to_string()),
    ];
    Ok(at_position(position, (headers, written).into_response()))
}

fn write(rows: &TableRows, format: FileFormat, narrowed: Option<ToStores>, mut sink: Sink) -> Result<(), TableError> {
    let outcome = match narrowed {
        None => rows.write(&mut *format.writer(rows.table().name, &mut sink)),
        Some((reach, column)) => {
            let mut counted = Counted::new(&*reach, column);
            rows.write(&mut counted).and_then(|()| {
                let mut writer = format.writer(rows.table().name, &mut sink);
                rows.write(&mut Narrowed::new(&*reach, &mut *writer, column, counted.records))
            })
        }
    };
    match &outcome {
        Ok(()) => sink.body.finish(),
        // Whoever asked is told.
        Err(TableError::Unfit(_)) if sink.begun.is_some() => {}
        // The client's own affair.
        Err(TableError::Sink(error)) => tracing::debug!(%error, "a table was not taken to its end"),
        Err(error) => tracing::error!(%error, model = rows.model(), table = rows.table().name, "a table broke off"),
    }
    outcome
}

/// How far somebody sees, and the column that says of which store a record is.
type ToStores = (Arc<dyn Reach>, usize);

struct Begun {
    position: Position,
    records: u64,
}

struct Sink {
    begun: Option<oneshot::Sender<Begun>>,
    body: BodyWriter,
}

impl TableSink for Sink {
    fn begin(&mut self, position: Position, records: u64) -> io::Result<()> {
        let told = self.begun.take().is_some_and(|begun| begun.send(Begun { position, records }).is_ok());
        if told { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.body.write(piece)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.body.flush()
    }
}

fn from_no_table(error: &NoTable) -> Problem {
    match error {
        NoTable::UnknownModel { .. } => Problem::unknown("read_model", error),
        NoTable::UnknownTable { .. } => Problem::unknown("table", error),
        NoTable::NoSnapshot { .. } => Problem::unknown("snapshot", error),
    }
}
