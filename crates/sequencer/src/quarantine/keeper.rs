//! The thread that writes the quarantine, many orders a commit.

use std::{io, sync::Arc, thread};

use redb::Database;
use tokio::sync::{mpsc, oneshot};

use super::{
    QuarantineError,
    change::{Change, carry_out},
    journal::{Journal, Journaled},
};

/// Orders that wait, and the most that one commit carries out.
pub(super) const ORDERS_MAX: usize = 256;

pub(super) type Answer = oneshot::Sender<Result<(), QuarantineError>>;

/// What the thread is asked to do.
pub(super) enum Order {
    /// Make a change; whoever wants to know is answered when it is durable.
    Change(Change, Option<Answer>),
    /// Answer once everything that any node has put into the journal is carried out here.
    Level(Answer),
}

/// Starts the thread; with a journal, it carries out what the journal says and nothing else.
pub(super) fn start(database: Arc<Database>, journal: Option<Arc<dyn Journal>>) -> io::Result<mpsc::Sender<Order>> {
    let (sender, mut orders) = mpsc::channel(ORDERS_MAX);
    let thread = thread::Builder::new().name("quarantine".to_owned());
    match journal {
        Some(journal) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            thread.spawn(move || runtime.block_on(Journaled::new(database, journal).run(orders)))?;
        }
        None => {
            thread.spawn(move || {
                let mut batch = Vec::new();
                while orders.blocking_recv_many(&mut batch, ORDERS_MAX) > 0 {
                    carry_out_here(&database, batch.drain(..));
                }
            })?;
        }
    }
    Ok(sender)
}

/// Carries out a batch in one commit and answers each order after it.
fn carry_out_here(database: &Database, orders: impl Iterator<Item = Order>) {
    let (mut changes, mut answers) = (Vec::new(), Vec::new());
    for order in orders {
        match order {
            Order::Change(change, answer) => {
                changes.push(change);
                answers.push(answer);
            }
            // There is nothing but what was ordered here, in the order of orders.
            Order::Level(answer) => reply(answer, Ok(())),
        }
    }
    let outcomes = carry_out(database, &changes.iter().collect::<Vec<_>>(), None);
    if let Err(error) = &outcomes {
        tracing::error!(%error, "the quarantine could not be written");
    }
    for (index, answer) in answers.into_iter().enumerate() {
        let outcome = outcomes.as_ref().map_err(Clone::clone).and_then(|outcomes| outcomes[index].clone());
        settle(answer, outcome);
    }
}

/// Tells whoever waits; what nobody waits for is told to the operator when it went wrong.
pub(super) fn settle(answer: Option<Answer>, outcome: Result<(), QuarantineError>) {
    match (answer, outcome) {
        (Some(answer), outcome) => reply(answer, outcome),
        (None, Err(error)) => tracing::warn!(%error, "entries that were taken in stay in the quarantine"),
        (None, Ok(())) => {}
    }
}

pub(super) fn reply(answer: Answer, outcome: Result<(), QuarantineError>) {
    // A caller that has gone does not need its answer.
    drop(answer.send(outcome));
}
