//! `POST /v1/tenders/quote`: what would each card pay for this basket?

use std::sync::Arc;

use aide::{generate::in_context, transform::TransformOperation};
use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use storefold_events::{Currency, Event, Money, Payload, sale::SaleLine, stored_value::InstrumentKind};
use storefold_http_kit::{Describe, Fault, Missed, Params, Problem, SendsOnly, at_position};
use storefold_sequencer::{InstrumentRefusal, Quoted};

use crate::{
    basket::{Place, as_sale},
    commands::{COMMAND_BYTES_MAX, not_read, said_no},
    routes::Api,
};

/// Codes that one basket may show (inclusive).
const INSTRUMENTS_MAX: usize = 50;

/// A basket, and the cards that its customer shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TendersAsked")]
struct Asked {
    /// The store.
    store: String,
    /// The sale, when it has its identifier already: what is held for it is free to it.
    #[serde(default)]
    sale: Option<String>,
    /// The customer, when identified.
    #[serde(default)]
    customer: Option<String>,
    /// Currency of all amounts.
    currency: Currency,
    /// When, with its offset; now when absent.
    #[serde(default)]
    #[schemars(with = "Option<DateTime<Utc>>")]
    occurred_at: Option<String>,
    /// What is bought, as the lines of a sale.
    #[schemars(with = "Vec<SaleLine<'static>>")]
    lines: Value,
    /// Codes as they were typed or scanned, 1 to 50.
    instruments: Vec<String>,
}

/// What cards would pay together.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TendersQuoted")]
struct Answer {
    /// What is due.
    total: Money,
    /// What is left to be paid otherwise.
    left: Money,
    /// Each card, in the order in which they are spent; a code that was sent twice stands once.
    instruments: Vec<InstrumentQuoted>,
}

/// What one card would pay.
#[derive(Debug, Serialize, JsonSchema)]
struct InstrumentQuoted {
    /// Its place in `instruments` as they were sent, from 0.
    asked: usize,
    /// Its last four characters, as people are shown them.
    shown: String,
    /// Its kind; null when it is unknown.
    kind: Option<InstrumentKind>,
    /// What it holds, in its own currency; null when it is unknown.
    balance: Option<Money>,
    /// What it pays.
    pays: Money,
    /// What would be lost with it, where its type says so.
    forfeits: Money,
    /// Why it pays nothing: a stable code; null when it could pay.
    code: Option<&'static str>,
    /// The same in a sentence for the cashier.
    detail: Option<String>,
}

pub(crate) async fn post_quote(
    State(api): State<Arc<Api>>,
    only: Option<Extension<SendsOnly>>,
    params: Params,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    params.none_left()?;
    let (body, _room) = api.room.read(&headers, body, COMMAND_BYTES_MAX).await.map_err(not_read)?;
    let _under_way = api.admission.admit(body.len())?;
    let asked: Asked = serde_json::from_slice(&body).map_err(|error| {
        Problem::unparseable(format_args!(
            "the body cannot be read ({error}); send store, currency, lines and instruments"
        ))
    })?;
    if !(1..=INSTRUMENTS_MAX).contains(&asked.instruments.len()) {
        let detail = format!("{} codes are shown; send 1 to {INSTRUMENTS_MAX}", asked.instruments.len());
        return Err(Problem::malformed("invalid_value", Some("instruments".to_owned()), detail));
    }
    if let Some(Extension(only)) = only {
        only.lets_store(Some(&asked.store)).map_err(Problem::forbidden)?;
    }
    let now_ms = api.intake.now_ms();
    let place = Place { store: &asked.store, occurred_at: asked.occurred_at.as_deref(), now_ms };
    let sale = asked.sale.as_deref().unwrap_or("asked");
    let sale = as_sale(sale, asked.customer.as_deref(), asked.currency, &asked.lines);
    let sale = place.event("SaleValidated", &sale);
    let event = place.read(&sale)?;
    let quoted = api.intake.quote(&event, asked.instruments.clone()).await?.map_err(said_no)?;
    let unknown = quoted.iter().filter(|of| of.kind.is_none()).count();
    let answer = answer_of(&asked, &event, quoted);
    let mut response = at_position(api.intake.sequencer().head(), Json(answer).into_response());
    response.extensions_mut().insert(Missed(u32::try_from(unknown).unwrap_or(u32::MAX)));
    Ok(response)
}

fn answer_of(asked: &Asked, event: &Event<'_>, quoted: Vec<Quoted>) -> Answer {
    let money = |minor: i64| Money { amount: minor, currency: asked.currency };
    let total_minor = match &event.payload {
        Payload::SaleValidated(sale) => sale.total_minor(),
        _ => 0,
    };
    let paid_minor: i64 = quoted.iter().map(|of| of.pays_minor).sum();
    let instruments = quoted.into_iter().map(|of| InstrumentQuoted {
        asked: asked.instruments.iter().position(|typed| of.code.is(typed)).unwrap_or_default(),
        shown: of.code.shown(),
        kind: of.kind,
        balance: of.currency.map(|currency| Money { amount: of.balance_minor, currency }),
        pays: money(of.pays_minor),
        forfeits: money(of.forfeits_minor),
        code: of.refusal.as_ref().map(InstrumentRefusal::code),
        detail: of.refusal.map(|refusal| refusal.to_string()),
    });
    Answer { total: money(total_minor), left: money(total_minor - paid_minor), instruments: instruments.collect() }
}

pub(crate) fn describe_post_quote(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let asked = in_context(|context| context.schema.subschema_for::<Asked>());
    let answer = in_context(|context| context.schema.subschema_for::<Answer>());
    let example = json!({
        "store": "FR-PAR-01", "currency": "EUR", "instruments": ["GC-4F7Q-92LM"],
        "lines": [{"line": 1, "sku": "BOOT-42", "quantity": 1, "gross_minor": 6000}],
    });
    docs.id("quote_tenders")
        .tag("Commands")
        .summary("What cards would pay for a basket")
        .description(
            "Gift cards, wallets, credit notes and store credit in the order in which they are spent: by the order of \
             their type, then those that expire first, the smaller before the greater. Together they stop at the total. \
             Nothing is written, and nothing is held: send `hold-instrument` for that.",
        )
        .takes("The basket and the codes.", vec![("application/json", asked, example)])
        .answers("What each pays, and what is left.", answer, None, true)
        .fails(Fault::NotUnderstood, "The body cannot be read.")
        .fails(Fault::Forbidden, "The token is for another store.")
        .fails(Fault::TooLarge, "The body is too large; `limit` says how many bytes are taken.")
        .fails(Fault::Refused, "There can be no such sale, and why; as for an unknown store or another currency.")
        .fails(Fault::TooMany, "Too many codes that are none were asked for from this address.")
        .fails(Fault::Unavailable, "Not now; ask again after `Retry-After`.")
}
