//! A node: log, sequencer, read models and HTTP, put together for its role.

use std::{
    fs,
    future::{self, Future},
    io,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use axum::Router;
use serde_json::Value;
use storefold_access::{Desk, Settings as DeskSettings};
use storefold_dashboard::Asker;
use storefold_event_log::{History, Tenant};
use storefold_events::Position;
use storefold_http_kit::{AddressLimit, Admission, Connections, Metrics, Site, serve};
use storefold_ingest_api::Intake;
use storefold_privacy::{Follower, Privacy, Settings as PrivacySettings};
use storefold_projection::{Asked, Runner, RunnerHandle};
use storefold_sequencer::{
    Clock, Sequencer, SequencerHandle, Settings as SequencerSettings, Standing, Turn, limits::SNAPSHOT_EVERY_EVENTS,
};
use storefold_vault::Vault;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    cluster::Cluster,
    cockpit::Cockpit,
    config::{Access, Config},
    inbox, keys,
    log_address::OpenLog,
};

/// How long a caller waits for the log at most; beneath the time that a request is given.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// A node at work.
pub struct Node {
    opened: OpenLog,
    sequencer: Option<SequencerHandle>,
    vault: Option<Vault>,
    /// Destroys keys as long as it is held.
    follower: Option<Follower>,
    models: Option<RunnerHandle>,
    inbox: Option<JoinHandle<()>>,
    cluster: Option<Cluster>,
    router: Router,
    metrics: Metrics,
    clock: Clock,
}

/// Takes the address that HTTP is served at, before anything else is begun.
pub async fn listen(address: &str) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!("{address} is in use by another program; choose another port"),
        _ => anyhow!("HTTP cannot be served at {address}: {error}; write it as HOST:PORT"),
    })?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

impl Node {
    /// Opens everything that the role needs. The read models may still be catching up when it answers.
    pub async fn start(config: &Config, clock: Clock) -> Result<Self> {
        let Config { role, data, tenant, .. } = config;
        fs::create_dir_all(data).with_context(|| format!("the directory {} cannot be made", data.display()))?;
        let opened = OpenLog::open_with_copy(&config.log, tenant, &config.nats, &data.join("copy")).await?;
        for warning in opened.warnings.iter().filter(|_| role.writes()) {
            tracing::warn!("{warning}");
        }
        let cluster = Cluster::join(config).await?;
        let sequencer = if role.writes() {
            Some(start_sequencer(config, &opened, Arc::clone(&clock), cluster.as_ref()).await?)
        } else {
            None
        };
        if let (Some(cluster), Some(sequencer)) = (cluster.clone(), sequencer.clone()) {
            tokio::spawn(cluster.release_when_ended(sequencer));
        }
        let models = if role.reads() { Some(start_models(config, &opened).await?) } else { None };
        let vault = if role.writes() { Some(keys::open(config, opened.log.head().await?.position)?) } else { None };
        let follower = vault.clone().map(|vault| {
            let quarantine = sequencer.as_ref().map(|sequencer| sequencer.quarantine().clone());
            Follower::start(opened.log.clone(), vault, quarantine)
        });
        if let (Some(models), Some(vault)) = (&models, &vault) {
            models.open_with(Arc::new(vault.clone()));
        }
        let intake = sequencer
            .clone()
            .zip(vault.clone())
            .map(|(sequencer, vault)| Intake::new(sequencer, Arc::clone(&clock)).sealing_with(vault));
        let privacy = match (&models, &vault, &follower) {
            (Some(models), Some(vault), Some(follower)) => {
                let (sequencer, models, vault) = (sequencer.clone(), models.clone(), vault.clone());
                let settings = PrivacySettings { sequencer, models, clock: Arc::clone(&clock), vault };
                Some(Privacy::new(settings, follower))
            }
            _ => None,
        };
        let inbox = match (&config.inbox, &intake) {
            (Some(url), Some(intake)) => {
                let inbox = inbox::open(url, tenant, &config.nats).await?;
                Some(tokio::spawn(inbox::run(inbox, intake.clone())))
            }
            _ => None,
        };
        let history = opened.log.history().map(|history| (tenant.clone(), history));
        let desk = desk(config, sequencer.as_ref(), models.as_ref(), &clock)?;
        let limit = config.guarded.address_limit();
        let (router, metrics) = router(
            (intake, sequencer.clone()),
            models.as_ref(),
            history,
            (desk, privacy),
            cluster.as_ref(),
            (limit, &clock),
        );
        Ok(Self { opened, sequencer, vault, follower, models, inbox, cluster, router, metrics, clock })
    }

    /// Answers requests until `shutdown` ends, and lets those under way finish. A node of a cluster gives up writing at once: the
    /// others would wait for the slowest of its requests, while it takes nothing more.
    pub async fn serve(&self, listener: TcpListener, connections: Connections, shutdown: impl Future<Output = ()>) {
        if let Some(tls) = &connections.tls {
            tls.register_metrics(&self.metrics);
        }
        let (told, asked) = oneshot::channel();
        let shutdown = async {
            shutdown.await;
            // Who is not in a cluster does not listen.
            let _ = told.send(());
        };
        let giving_up = async {
            if let (Some(_), Some(sequencer), Ok(())) = (&self.cluster, &self.sequencer, asked.await) {
                sequencer.stop().await;
            }
            future::pending::<()>().await;
        };
        tokio::select! {
            () = serve(listener, self.router.clone(), connections, shutdown) => {}
            () = giving_up => {}
        }
    }

    /// The sequencer; a node that only reads has none.
    pub fn sequencer(&self) -> Option<&SequencerHandle> {
        self.sequencer.as_ref()
    }

    /// The keys of persons; a node that only reads has none.
    pub fn vault(&self) -> Option<&Vault> {
        self.vault.as_ref()
    }

    /// Waits until every read model is complete up to a position.
    pub async fn caught_up(&self, position: Position, within: Duration) -> Result<()> {
        let models = self.models.iter().flat_map(RunnerHandle::status);
        for model in models {
            if let Some(runner) = &self.models {
                let reached = runner.wait_for(model.name, position, within).await;
                reached.with_context(|| format!("the read model {} does not come to {position}", model.name))?;
            }
        }
        Ok(())
    }

    /// Asks a read model, as the query API does. `path` is the template of the question.
    pub fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value> {
        let models = self.models.as_ref().context("this node has no read models")?;
        let asked: Asked = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let question = models.questions().find(|(_, _, question)| question.path == path);
        let (question, ..) = question.with_context(|| format!("no read model answers {path}"))?;
        let answered = models.answer(question, (self.clock)(), &asked).with_context(|| path.to_owned())?;
        Ok(serde_json::from_slice(&answered.json)?)
    }

    /// Ends in order: nothing more is taken, everything taken is written, rows and log are closed.
    pub async fn stop(self) -> Result<()> {
        if let Some(inbox) = self.inbox {
            // What it has not acknowledged comes again at the next start.
            inbox.abort();
        }
        if let Some(sequencer) = &self.sequencer {
            sequencer.stop().await;
        }
        if let Some(cluster) = &self.cluster {
            cluster.leave().await;
        }
        if let Some(models) = &self.models {
            models.stop().await;
        }
        // Before the log is closed: what is not erased yet is erased at the next start.
        drop(self.follower);
        self.opened.close().await
    }
}

async fn start_sequencer(
    config: &Config,
    opened: &OpenLog,
    clock: Clock,
    cluster: Option<&Cluster>,
) -> Result<SequencerHandle> {
    let settings = SequencerSettings {
        directory: config.data.join("sequencer"),
        tenant: Tenant::clone(&config.tenant),
        clock,
        snapshot_every_events: SNAPSHOT_EVERY_EVENTS,
        answer_within: ANSWER_WITHIN,
        turn: cluster.map_or(Turn::Always, Cluster::turn),
        journal: cluster.and_then(Cluster::journal),
    };
    let started = Sequencer::start(opened.log.clone(), settings).await;
    let sequencer = started.with_context(|| format!("the sequencer does not start in {}", config.data.display()))?;
    let mut standing = sequencer.standing();
    tokio::spawn(async move {
        let ended =
            standing.wait_for(|standing| matches!(standing, Standing::SteppedDown(_) | Standing::Stopped)).await;
        if let Ok(Standing::SteppedDown(reason)) = ended.as_deref() {
            tracing::error!(reason, "this node does not write any more");
        }
    });
    Ok(sequencer)
}

async fn start_models(config: &Config, opened: &OpenLog) -> Result<RunnerHandle> {
    let runner = Runner { proving: config.proving, ..Runner::default() };
    let started = runner.start(opened.log.clone(), &config.data, storefold_read_models::all()).await;
    started.with_context(|| format!("the read models do not start in {}", config.data.display()))
}

/// Where access is looked up and changed, unless everybody may ask.
fn desk(
    config: &Config,
    sequencer: Option<&SequencerHandle>,
    models: Option<&RunnerHandle>,
    clock: &Clock,
) -> Result<Option<Desk>> {
    if config.guarded.access == Access::Open {
        return Ok(None);
    }
    let models = models.cloned().context(
        "a node that only writes cannot tell who is asking; give it the role all, or --access open behind a wall of its own",
    )?;
    let settings = DeskSettings {
        sequencer: sequencer.cloned(),
        models,
        clock: Arc::clone(clock),
        directory: config.data.clone(),
        limit: config.guarded.token_limit(),
    };
    let desk = Desk::new(settings).context("nobody can sign in")?;
    desk.prepare()
        .with_context(|| format!("no key for the first administrator can be put into {}", config.data.display()))?;
    Ok(Some(desk))
}

fn router(
    (intake, sequencer): (Option<Intake>, Option<SequencerHandle>),
    models: Option<&RunnerHandle>,
    history: Option<(Tenant, Arc<dyn History>)>,
    (desk, privacy): (Option<Desk>, Option<Privacy>),
    cluster: Option<&Cluster>,
    (limit, clock): (AddressLimit, &Clock),
) -> (Router, Metrics) {
    let metrics = Metrics::default();
    let mut site =
        Site::new(metrics.clone()).protects_codes(&["/v1/instruments/", "/v1/tenders/quote", "/v1/baskets/price"]);
    site = site.limited(limit);
    if let Some(cluster) = cluster {
        let hand_over = cluster.hand_over(sequencer.as_ref());
        site = site.check(cluster.check()).first(|router| hand_over.around(router));
    }
    let admission = Arc::<Admission>::default();
    if let Some(intake) = intake.clone() {
        site = site.api(|| storefold_ingest_api::routes(intake, Arc::clone(&admission)));
    }
    if let Some(sequencer) = sequencer {
        storefold_ingest_api::register_metrics(sequencer.clone(), admission, &metrics);
        site = site.check(storefold_ingest_api::check(sequencer));
    }
    if let Some(models) = models.cloned() {
        storefold_query_api::register_metrics(models.clone(), &metrics);
        let pages = storefold_dashboard::pages(Cockpit {
            asker: Asker { models: models.clone(), clock: Arc::clone(clock) },
            intake,
        });
        site = site.api(|| storefold_query_api::routes(&models, clock)).pages(pages);
        site = site.check(storefold_query_api::check(models));
    }
    if let Some(privacy) = privacy {
        site = site.api(|| privacy.routes());
    }
    if let (Some(desk), Some(models)) = (desk, models) {
        let questions = models.questions().map(|(_, _, question)| question.path);
        let narrowed = questions.chain(storefold_dashboard::NARROWED.iter().copied()).collect();
        site = site.pages(storefold_dashboard::entry_pages(desk.clone()));
        site = site.api(|| desk.routes()).behind(desk.door(narrowed, storefold_dashboard::problem_page));
    }
    if let Some((tenant, history)) = history {
        site = site.api(|| storefold_query_api::log_routes(tenant, history));
    }
    (site.into_router(), metrics)
}
