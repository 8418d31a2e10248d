//! One rebuild from its order to its end: new rows beside the old, filled from history, brought level with the log,
//! compared, and exchanged between two rounds. Until then nothing of it is seen, and whatever stops it leaves nothing.

use std::{collections::HashSet, sync::Arc, time::Duration};

use storefold_events::Position;
use thiserror::Error;
use tokio::{
    select,
    sync::{oneshot, watch},
    task::spawn_blocking,
    time::sleep,
};
use tracing::{error, info};

use super::{
    context::Context,
    fill::{FillError, Filling},
    lane::{Lane, Role, ToLive},
    member::Member,
    rebuilds::{Rebuild, RebuildPurpose, RebuildState, RebuiltModel},
    snapshots::Reserved,
    watched::Watched,
};
use crate::{AsOf, Compared, ReadModel, RowStore, StoreError, compare, digest, directory::ModelDirectory};

/// How often it is looked whether old and new rows stand at one position.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Why a rebuild came to nothing.
#[derive(Debug, Error)]
enum Failed {
    #[error("it was cancelled")]
    Cancelled,
    #[error("{0}; the rows that are served stay as they are")]
    Because(String),
}

impl From<FillError> for Failed {
    fn from(error: FillError) -> Self {
        match error {
            FillError::Cancelled => Self::Cancelled,
            error => Self::Because(error.to_string()),
        }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Because(error.to_string())
    }
}

/// Carries out a rebuild whose rows are to be served, or are to prove those that are.
pub(super) async fn rebuild(context: Arc<Context>, rebuild: Arc<Rebuild>, cpu_percent_max: Option<u32>) {
    let outcome = replace(&context, &rebuild, cpu_percent_max).await;
    if outcome.is_err() || rebuild.purpose == RebuildPurpose::Prove {
        // A live lane that has ended holds none of them.
        drop(context.to_live.send(ToLive::Leave(rebuild.id)));
    }
    settle(&rebuild, outcome);
}

/// Carries out a rebuild whose rows are kept under a name.
pub(super) async fn snapshot(context: Arc<Context>, rebuild: Arc<Rebuild>, as_of: Option<AsOf>, reserved: Reserved) {
    let outcome = take_snapshot(&context, &rebuild, as_of, reserved).await;
    settle(&rebuild, outcome);
}

fn settle(rebuild: &Rebuild, outcome: Result<(), Failed>) {
    let (id, models) = (rebuild.id, rebuild.models.join(", "));
    match outcome {
        Ok(()) => {
            info!(rebuild = id, models, "rebuilt");
            rebuild.end(RebuildState::Done, None);
        }
        Err(Failed::Cancelled) => rebuild.end(RebuildState::Cancelled, None),
        Err(because) => {
            error!(rebuild = id, models, reason = %because, "the rebuild failed");
            rebuild.end(RebuildState::Failed, Some(because.to_string()));
        }
    }
}

async fn replace(context: &Arc<Context>, rebuild: &Rebuild, cpu_percent_max: Option<u32>) -> Result<(), Failed> {
    let mut shadows = Vec::new();
    for model in rebuild.models.iter().filter_map(|name| context.model(name)) {
        let directory = ModelDirectory::of(&context.read_dir, &**model, context.kind);
        let mut shadow = begin(model.clone(), directory).await?;
        shadow.shadow_of = Some(rebuild.id);
        shadows.push(shadow);
    }
    let left_behind: Vec<_> = shadows.iter().map(|shadow| (shadow.directory.clone(), shadow.number())).collect();
    let clean_up = || left_behind.iter().for_each(|(directory, number)| directory.remove_unless_current(*number));

    let filled = fill(context, rebuild, &shadows, None, cpu_percent_max, true).await;
    let position = filled.inspect_err(|_| clean_up())?;
    for shadow in &mut shadows {
        shadow.filled(position, None);
    }
    rebuild.enter(RebuildState::CatchingUp);
    let pairs: Vec<_> = shadows
        .iter()
        .map(|shadow| shadow.watched.clone())
        .filter_map(|new| {
            let served = context.shared.models.iter().find(|served| served.name == new.name)?;
            Some((served.clone(), new))
        })
        .collect();
    catch_up(context, shadows, rebuild.cancel.subscribe()).await;
    let outcome = async {
        for (served, new) in &pairs {
            let compared = level(rebuild, served, new).await?;
            rebuild.enter(RebuildState::Comparing);
            let equal = compared.as_ref().map(|compared| compared.difference.is_none());
            if let Some(difference) = compared.as_ref().and_then(|compared| compared.difference.as_ref()) {
                error!(model = served.name, difference, "the rows that are served are not the fold of the log");
            }
            context.shared.proved(served, compared.as_ref());
            rebuild.came_to(RebuiltModel {
                model: served.name.to_owned(),
                position: compared.as_ref().map_or_else(|| new.position(), |compared| compared.position),
                digest: compared.map(|compared| compared.fold.to_string()).unwrap_or_default(),
                equal,
            });
        }
        if rebuild.purpose == RebuildPurpose::Prove {
            return Ok(());
        }
        take_over(context, rebuild).await
    };
    outcome.await.inspect_err(|_| clean_up())
}

/// Puts the new rows in the place of the old.
async fn take_over(context: &Context, rebuild: &Rebuild) -> Result<(), Failed> {
    let (settled, mut settling) = oneshot::channel();
    drop(context.to_live.send(ToLive::TakeOver(rebuild.id, settled)));
    let mut cancelled = rebuild.cancel.subscribe();
    let settled = select! {
        settled = &mut settling => Some(settled),
        _ = cancelled.wait_for(|cancelled| *cancelled) => None,
    };
    let settled = if let Some(settled) = settled {
        settled
    } else {
        // The lane does one after the other: what was exchanged by then stays, what was not never is.
        drop(context.to_live.send(ToLive::Leave(rebuild.id)));
        settling.await
    };
    match settled {
        Ok(outcome) => outcome.map_err(Failed::Because),
        Err(_) if *rebuild.cancel.borrow() => Err(Failed::Cancelled),
        Err(_) => Err(Failed::Because("the read models are not folded any more".to_owned())),
    }
}

async fn begin(model: Arc<dyn ReadModel>, directory: ModelDirectory) -> Result<Member, Failed> {
    let begun = spawn_blocking(move || directory.begin_next().map(|opened| Member::new(model, directory, opened)));
    let begun = begun.await.expect("opening rows does not panic");
    begun.map_err(|error| Failed::Because(format!("the new rows cannot be written: {error}")))
}

/// Fills the rows of the models. Answers the position up to which they are complete.
async fn fill(
    context: &Context,
    rebuild: &Rebuild,
    members: &[Member],
    as_of: Option<AsOf>,
    cpu_percent_max: Option<u32>,
    follow: bool,
) -> Result<Position, Failed> {
    let head = context.log.head().await.map_err(|error| Failed::Because(error.to_string()))?.position;
    let until = match as_of {
        Some(AsOf::Position(position)) => position.min(head),
        _ => head,
    };
    let filling = Filling {
        log: context.log.clone(),
        models: members.iter().map(|member| (member.model.clone(), member.store())).collect(),
        as_of,
        cpu_percent_max,
        progress: rebuild.progress.clone(),
        cancelled: rebuild.cancel.subscribe(),
    };
    let filled = filling.run(until, follow).await?;
    for (poisoned, member) in filled.poisoned.iter().zip(members) {
        if let Some(poisoned) = poisoned {
            return Err(Failed::Because(format!("{} cannot be rebuilt: {poisoned}", member.watched.name)));
        }
    }
    Ok(filled.position)
}

/// Folds what came meanwhile, apart from the models that are served, which are then joined.
pub(super) async fn catch_up(context: &Context, members: Vec<Member>, stop: watch::Receiver<bool>) {
    let lane = Lane {
        log: context.log.clone(),
        shared: context.shared.clone(),
        members,
        role: Role::CatchingUp(context.to_live.clone()),
        pace: context.pace,
        workers: context.workers.clone(),
        stop,
        left: HashSet::new(),
    };
    lane.run().await;
}

/// Waits until old and new rows stand at one position, and compares them there; rows that have stopped are not compared.
async fn level(rebuild: &Rebuild, served: &Arc<Watched>, new: &Arc<Watched>) -> Result<Option<Compared>, Failed> {
    loop {
        if *rebuild.cancel.borrow() {
            return Err(Failed::Cancelled);
        }
        if let Some(poisoned) = new.poisoned() {
            return Err(Failed::Because(format!("{} cannot be rebuilt: {poisoned}", new.name)));
        }
        if served.poisoned().is_some() {
            return Ok(None);
        }
        if served.position() == new.position() {
            let (rows, fold) = (served.store(), new.store());
            let compared = spawn_blocking(move || compare(&*rows, &*fold)).await.expect("reading rows does not panic");
            if let Some(compared) = compared? {
                return Ok(Some(compared));
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn take_snapshot(
    context: &Context,
    rebuild: &Rebuild,
    as_of: Option<AsOf>,
    reserved: Reserved,
) -> Result<(), Failed> {
    let mut members = Vec::new();
    for model in rebuild.models.iter().filter_map(|name| context.model(name)) {
        let directory = ModelDirectory::of(reserved.dir(), &**model, context.kind);
        members.push(begin(model.clone(), directory).await?);
    }
    let position = fill(context, rebuild, &members, as_of, None, false).await?;
    let kept = spawn_blocking(move || {
        let mut digests = Vec::new();
        for member in &members {
            let made = member.directory.make_current(member.number());
            made.map_err(|error| Failed::Because(format!("the snapshot cannot be kept: {error}")))?;
            digests.push(RebuiltModel {
                model: member.watched.name.to_owned(),
                position,
                digest: digest(&*member.store())?.to_string(),
                equal: None,
            });
        }
        let stores = members.iter().map(|member| (member.watched.name, member.store()));
        let stores: Vec<(&'static str, Arc<dyn RowStore>)> = stores.collect();
        reserved.keep(as_of, position, stores).map_err(|error| Failed::Because(error.to_string()))?;
        Ok::<_, Failed>(digests)
    });
    for model in kept.await.expect("keeping rows does not panic")? {
        rebuild.came_to(model);
    }
    Ok(())
}
