//! What the pages ask: the read models, and the quarantine of a node that takes events in.

use std::time::Duration;

use storefold_dashboard::{Ask, Asker, BoxFuture, Command, Quarantine, QuarantineEntry, Settle, System};
use storefold_events::Position;
use storefold_http_kit::Problem;
use storefold_ingest_api::Intake;
use storefold_projection::{Answered, Asked, QueryError, Reach};

/// Entries of the quarantine on a page.
const ENTRIES_MAX: usize = 100;

/// The source of commands that come from a page; behind a slash stands who gave it, where one has to sign in.
const SOURCE: &str = "cockpit";

/// How long what was ordered is waited for in the rows.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Answers the pages.
pub struct Cockpit {
    /// Asks the read models.
    pub asker: Asker,
    /// Takes events in, where this node does.
    pub intake: Option<Intake>,
}

impl Cockpit {
    fn intake(&self) -> Result<&Intake, Problem> {
        let problem = || Problem::not_ready("read_only", 60, "this process takes no events in; ask one that does");
        self.intake.as_ref().ok_or_else(problem)
    }
}

impl Ask for Cockpit {
    fn ask(&self, path: &str, asked: &Asked) -> Option<Result<Answered, QueryError>> {
        self.asker.ask(path, asked)
    }

    fn narrow(&self, path: &str, asked: &mut Asked, reach: &dyn Reach) -> Option<Result<(), QueryError>> {
        self.asker.narrow(path, asked, reach)
    }

    fn system(&self) -> System {
        self.asker.system()
    }

    fn position(&self, model: &str) -> Option<Position> {
        self.asker.position(model)
    }

    fn quarantine(&self, after: u64) -> Option<Result<Quarantine, Problem>> {
        let page = self.intake.as_ref()?.quarantined(after, ENTRIES_MAX);
        Some(page.map(|page| {
            let entries = page.entries.into_iter().map(|(number, entry)| QuarantineEntry {
                number,
                source: entry.kept.source,
                code: entry.kept.code,
                detail: entry.kept.detail,
                first_refused_at_ms: entry.first_refused_at_ms,
                attempts: entry.attempts,
                dropped: entry.dropped,
            });
            Quarantine { entries: entries.collect(), next: page.next }
        }))
    }

    fn order(&self, command: Command) -> BoxFuture<'_, Result<Position, Problem>> {
        Box::pin(async move {
            let Command { name, data, store, by, seen_by } = command;
            let source = by.map_or_else(|| SOURCE.to_owned(), |by| format!("{SOURCE}/{by}"));
            let position = self.intake()?.order(name, &source, store.as_deref(), &data).await?;
            // What is taken is taken; a page that does not show it yet does so when it is loaded anew.
            let _ = self.asker.models.wait_for(seen_by, position, WAIT_MAX).await;
            Ok(position)
        })
    }

    fn settle(&self, entry: u64, how: Settle) -> BoxFuture<'_, Result<(), Problem>> {
        Box::pin(async move {
            let intake = self.intake()?;
            match how {
                Settle::Retry => intake.retry(entry).await,
                Settle::Drop(reason) => intake.drop_entry(entry, reason).await,
            }
        })
    }
}
