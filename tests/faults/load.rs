//! Senders that repeat what is not answered, and what they were told.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::{
    sync::RwLock,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::network::Network;

const SENDERS: u64 = 6;
const EVENTS_A_BATCH_MAX: u64 = 500;
/// Whoever has no answer by then has found a fault of ours.
const ANSWERED_WITHIN: Duration = Duration::from_mins(2);

/// How long a sender waits for one answer, and before it sends again.
const PATIENCE: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(50);

/// What the probe sends at most.
const EVENTS_A_SECOND_OF_ONE: u64 = 500;

/// How long the one waits who finds out when somebody answers again.
const PATIENCE_OF_PROBE: Duration = Duration::from_millis(400);

const STORES: [&str; 3] = ["PARIS", "LYON", "NICE"];

/// What was answered, counted by whoever sent it.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    pub batches: u64,
    pub events: u64,
    pub position: u64,
    pub repeated: u64,
    /// Batches that were answered only when they were sent again.
    pub in_doubt: u64,
    pub highest_seq: BTreeMap<String, u64>,
    /// By store: scans, sales, turnover in minor units.
    pub stores: BTreeMap<&'static str, (u64, u64, i64)>,
}

pub struct Load {
    pub sent: Arc<Mutex<Sent>>,
    /// Held while a batch is on its way; taken whole when everything is compared.
    pub quiet: Arc<RwLock<()>>,
    /// Bodies that were answered lately, to be sent once more.
    pub answered: Arc<Mutex<Vec<Vec<u8>>>>,
    pub urls: Arc<Mutex<Vec<String>>>,
    began: Instant,
    last_answer_ms: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    senders: JoinSet<()>,
}

impl Load {
    /// Sends at most so many events a second, all senders together.
    pub async fn begin(network: &Network, seed: u64, events_a_second: u64) -> Self {
        let urls = Arc::new(Mutex::new(network.nodes.iter().map(|node| node.url.clone()).collect()));
        let mut load = Self {
            sent: Arc::default(),
            quiet: Arc::default(),
            answered: Arc::default(),
            urls,
            began: Instant::now(),
            last_answer_ms: Arc::default(),
            over: Arc::default(),
            senders: JoinSet::new(),
        };
        let stores: Vec<Value> = (1..)
            .zip(STORES)
            .map(|(seq, store)| {
                json!({"source": "office", "seq": seq, "store": store,
            "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
            "data": {"name": store, "zone": "Europe/Paris", "currency": "EUR"}})
            })
            .collect();
        let mut sender = load.sender(seed, "office".to_owned());
        sender.insist(&serde_json::to_vec(&stores).unwrap(), 3).await;
        load.sent.lock().unwrap().events += 3;
        for number in 0..SENDERS {
            let sender = load.sender(seed + number, format!("sender-{number}"));
            load.senders.spawn(Sender { events_a_second: events_a_second.div_ceil(SENDERS), ..sender }.send());
        }
        let probe = Sender { patience: PATIENCE_OF_PROBE, events_max: 1, ..load.sender(seed, "probe".to_owned()) };
        load.senders.spawn(probe.send());
        load
    }

    fn sender(&self, seed: u64, source: String) -> Sender {
        Sender {
            chance: StdRng::seed_from_u64(seed),
            source,
            seq: 0,
            http: Client::new(),
            urls: Arc::clone(&self.urls),
            sent: Arc::clone(&self.sent),
            quiet: Arc::clone(&self.quiet),
            answered: Arc::clone(&self.answered),
            began: self.began,
            last_answer_ms: Arc::clone(&self.last_answer_ms),
            over: Arc::clone(&self.over),
            patience: PATIENCE,
            events_max: EVENTS_A_BATCH_MAX,
            events_a_second: EVENTS_A_SECOND_OF_ONE,
        }
    }

    /// Waits until something that was sent after `since` is answered.
    pub async fn answered_after(&self, since: Instant) {
        let since_ms = (since - self.began).as_millis() as u64;
        while self.last_answer_ms.load(Ordering::Relaxed) <= since_ms {
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// Ends the senders once what they have sent is answered.
    pub async fn end(self) -> Sent {
        self.over.store(true, Ordering::Relaxed);
        self.senders.join_all().await;
        self.sent.lock().unwrap().clone()
    }
}

struct Sender {
    chance: StdRng,
    source: String,
    seq: u64,
    http: Client,
    urls: Arc<Mutex<Vec<String>>>,
    sent: Arc<Mutex<Sent>>,
    quiet: Arc<RwLock<()>>,
    answered: Arc<Mutex<Vec<Vec<u8>>>>,
    began: Instant,
    last_answer_ms: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    patience: Duration,
    events_max: u64,
    events_a_second: u64,
}

impl Sender {
    async fn send(mut self) {
        while !self.over.load(Ordering::Relaxed) {
            let count = self.chance.random_range(1..=self.events_max);
            // Paced by what was sent so far, so that whoever waited in vain catches up.
            let due = Duration::from_secs_f64((self.seq + count) as f64 / self.events_a_second as f64);
            sleep(due.saturating_sub(self.began.elapsed())).await;
            let quiet = Arc::clone(&self.quiet);
            let _on_its_way = quiet.read().await;
            let mut counted = BTreeMap::<&str, (u64, u64, i64)>::new();
            let events: Vec<Value> = (0..count).map(|_| self.next(&mut counted)).collect();
            let body = serde_json::to_vec(&events).unwrap();
            self.insist(&body, count).await;
            {
                let mut sent = self.sent.lock().unwrap();
                sent.batches += 1;
                sent.events += count;
                sent.highest_seq.insert(self.source.clone(), self.seq);
                for (store, (scans, sales, turnover)) in counted {
                    let all = sent.stores.entry(store).or_default();
                    *all = (all.0 + scans, all.1 + sales, all.2 + turnover);
                }
            }
            let mut answered = self.answered.lock().unwrap();
            if answered.len() >= 64 {
                answered.remove(0);
            }
            answered.push(body);
        }
    }

    fn next(&mut self, counted: &mut BTreeMap<&'static str, (u64, u64, i64)>) -> Value {
        self.seq += 1;
        let (seq, store) = (self.seq, STORES[self.chance.random_range(0..STORES.len())]);
        let all = counted.entry(store).or_default();
        let at =
            format!("2026-{:02}-{:02}T12:00:00Z", self.chance.random_range(1..=6), self.chance.random_range(1..=28));
        let (event_type, data) = if self.chance.random_range(0..4) == 0 {
            let amount: i64 = self.chance.random_range(100..=50_000);
            *all = (all.0, all.1 + 1, all.2 + amount);
            (
                "SaleValidated",
                json!({"sale": format!("{}-{seq}", self.source), "till": "1", "channel": "store", "currency": "EUR",
                "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": amount}],
                "tenders": [{"kind": "cash", "amount_minor": amount}]}),
            )
        } else {
            all.0 += 1;
            (
                "ScanCaptured",
                json!({"scan": format!("{}-{seq}", self.source), "scanner": self.source, "outcome": "succeeded"}),
            )
        };
        json!({"source": self.source, "seq": seq, "store": store, "occurred_at": at, "type": event_type, "data": data})
    }

    /// Sends to any node until one answers; holds that every event is in the log then.
    async fn insist(&mut self, body: &[u8], events: u64) {
        let mut tries = 0;
        let give_up = Instant::now() + ANSWERED_WITHIN;
        let mut last = String::new();
        loop {
            let began = Instant::now();
            assert!(began < give_up, "{} is not answered: {last}", self.source);
            let url = {
                let urls = self.urls.lock().unwrap();
                urls[self.chance.random_range(0..urls.len())].clone()
            };
            let request = self.http.post(format!("{url}/v1/events")).header("content-type", "application/json");
            let answer = request.timeout(self.patience).body(body.to_vec()).send().await;
            tries += 1;
            let answer = match read(answer).await {
                Ok(answer) => answer,
                Err(why) => {
                    last = format!("{url}: {why}");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            let number = |name: &str| answer[name].as_u64().unwrap();
            assert_eq!(number("rejected"), 0, "{answer}");
            assert_eq!(number("accepted") + number("duplicate"), events);
            self.last_answer_ms.fetch_max((began - self.began).as_millis() as u64, Ordering::Relaxed);
            let mut sent = self.sent.lock().unwrap();
            sent.position = sent.position.max(number("position"));
            sent.in_doubt += u64::from(tries > 1);
            return;
        }
    }
}

/// The answer, if there is one; holds that everything else is worth sending again.
async fn read(answer: reqwest::Result<reqwest::Response>) -> Result<Value, String> {
    let answer = answer.map_err(|error| error.to_string())?;
    let status = answer.status();
    let text = answer.bytes().await.map_err(|error| error.to_string())?;
    if status == StatusCode::OK {
        return Ok(serde_json::from_slice(&text).unwrap());
    }
    let text = String::from_utf8_lossy(&text);
    assert!(matches!(status.as_u16(), 503 | 504), "{status}: {text}");
    Err(format!("{status}: {text}"))
}
