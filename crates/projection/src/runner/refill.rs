//! Filling the rows of models that have none: a new model, a new version, rows that were damaged.

use std::sync::Arc;

use tokio::{
    select,
    sync::{mpsc, watch},
    time::sleep,
};
use tracing::{error, warn};

use super::{
    context::Context,
    fill::{FillError, Filled, Filling},
    lane::RETRY,
    member::Member,
    rebuild::catch_up,
};
use crate::Poisoned;

/// Fills the rows of `empty`, and then those of every model that comes; each goes on to the live lane. `running` says
/// that it is at work.
pub(super) async fn keep_filled(
    context: Arc<Context>,
    empty: Vec<Member>,
    mut coming: mpsc::UnboundedReceiver<Member>,
    mut stop: watch::Receiver<bool>,
    running: Arc<watch::Sender<()>>,
) {
    fill(&context, empty, &stop).await;
    loop {
        let member = select! {
            // An error means that nobody is left to stop it, so there is nobody to fill for.
            _ = stop.wait_for(|stop| *stop) => break,
            member = coming.recv() => member,
        };
        // The live lane has ended.
        let Some(member) = member else { break };
        fill(&context, vec![member], &stop).await;
    }
    drop(running);
}

async fn fill(context: &Context, mut members: Vec<Member>, stop: &watch::Receiver<bool>) {
    if members.is_empty() {
        return;
    }
    match filled(context, &members, None, stop).await {
        Ok(outcome) => {
            let position = outcome.position;
            let mut whole = Vec::with_capacity(members.len());
            for (mut member, poisoned) in members.into_iter().zip(outcome.poisoned) {
                match poisoned {
                    None => member.filled(position, None),
                    Some(poisoned) => fill_before(context, &mut member, poisoned, stop).await,
                }
                whole.push(member);
            }
            members = whole;
        }
        Err(FillError::Cancelled) => return,
        Err(FillError::Rows(error)) => members.iter_mut().for_each(|member| member.not_filled(&error)),
        Err(FillError::Log(error)) => {
            // Folding in small steps comes as far as can be come, and says where that is.
            error!(%error, "rows cannot be filled");
            for member in &mut members {
                member.filled(0, None);
            }
        }
    }
    catch_up(context, members, stop.clone()).await;
}

/// Fills rows up to the event that cannot be folded.
async fn fill_before(context: &Context, member: &mut Member, poisoned: Poisoned, stop: &watch::Receiver<bool>) {
    let before = poisoned.position - 1;
    match filled(context, std::slice::from_ref(member), Some(before), stop).await {
        Ok(_) => member.filled(before, Some(poisoned)),
        Err(_) => member.filled(0, Some(poisoned)),
    }
}

/// Fills, again and again as long as the log does not answer.
async fn filled(
    context: &Context,
    members: &[Member],
    until: Option<u64>,
    stop: &watch::Receiver<bool>,
) -> Result<Filled, FillError> {
    let mut stopping = stop.clone();
    loop {
        let filling = Filling {
            log: context.log.clone(),
            models: members.iter().map(|member| (member.model.clone(), member.store())).collect(),
            as_of: None,
            cpu_percent_max: None,
            progress: Arc::default(),
            cancelled: stop.clone(),
        };
        let head = context.log.head().await.map_err(FillError::from);
        let outcome = match (head, until) {
            (_, Some(until)) => filling.run(until, false).await,
            (Ok(head), None) => filling.run(head.position, true).await,
            (Err(error), None) => Err(error),
        };
        match outcome {
            Err(error) if error.may_pass() => {
                warn!(%error, "the log does not answer");
                context.shared.set_log_error(Some(error.to_string()));
            }
            outcome => {
                context.shared.set_log_error(None);
                return outcome;
            }
        }
        select! {
            _ = stopping.wait_for(|stop| *stop) => return Err(FillError::Cancelled),
            () = sleep(RETRY) => {}
        }
    }
}
