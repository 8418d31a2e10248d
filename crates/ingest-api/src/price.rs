//! `POST /v1/baskets/price`: what does this basket cost?

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
use storefold_events::{Currency, Money, sale::SaleLine};
use storefold_http_kit::{Describe, Fault, Missed, Params, Problem, SendsOnly, at_position};

use crate::{
    basket::{Place, as_sale},
    commands::{COMMAND_BYTES_MAX, not_read, said_no},
    routes::Api,
};

/// A basket that is to be priced.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BasketAsked")]
struct Asked {
    /// The store.
    store: String,
    /// The customer, when identified; whose the VIP card must be.
    #[serde(default)]
    customer: Option<String>,
    /// The VIP card that is shown.
    #[serde(default)]
    vip_card: Option<String>,
    /// Currency of all amounts.
    currency: Currency,
    /// When, with its offset; now when absent.
    #[serde(default)]
    #[schemars(with = "Option<DateTime<Utc>>")]
    occurred_at: Option<String>,
    /// What is bought, as the lines of a sale without discounts. An article without a price here keeps its `gross_minor`.
    #[schemars(with = "Vec<SaleLine<'static>>")]
    lines: Value,
}

/// What a basket costs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BasketPriced")]
struct Answer {
    /// What is due for all lines.
    total: Money,
    /// What is taken off all lines.
    discount: Money,
    /// Each line, in the order sent.
    lines: Vec<LinePriced>,
}

/// What a line costs.
#[derive(Debug, Serialize, JsonSchema)]
struct LinePriced {
    /// Number of the line.
    line: u32,
    /// Before anything is taken off: `gross_minor` of the sale's line.
    gross: Money,
    /// What is taken off: its `discount_minor`.
    discount: Money,
    /// What is due for it.
    net: Money,
    /// The price rule that takes it off; null where none does.
    rule: Option<String>,
    /// Whether the VIP card takes it off.
    by_vip_card: bool,
}

pub(crate) async fn post_price(
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
        Problem::unparseable(format_args!("the body cannot be read ({error}); send store, currency and lines"))
    })?;
    if let Some(Extension(only)) = only {
        only.lets_store(Some(&asked.store)).map_err(Problem::forbidden)?;
    }
    let now_ms = api.intake.now_ms();
    let place = Place { store: &asked.store, occurred_at: asked.occurred_at.as_deref(), now_ms };
    let sale = as_sale("asked", asked.customer.as_deref(), asked.currency, &asked.lines);
    let (sale, vip) = (place.event("SaleValidated", &sale), vip_of(&asked, &place));
    let sale = place.read(&sale)?;
    let vip = vip.as_deref().map(|vip| place.read(vip)).transpose()?;
    let priced = match api.intake.price(&sale, vip.as_ref()).await? {
        Ok(priced) => priced,
        Err(refused) => {
            let missed = u32::from(refused.code == "unknown_instrument");
            let mut response = said_no(refused).into_response();
            response.extensions_mut().insert(Missed(missed));
            return Ok(response);
        }
    };
    let money = |amount: i64| Money { amount, currency: asked.currency };
    let lines: Vec<_> = priced
        .lines
        .into_iter()
        .map(|line| LinePriced {
            line: line.line,
            gross: money(line.gross_minor),
            discount: money(line.discount_minor),
            net: money(line.gross_minor - line.discount_minor),
            rule: line.rule,
            by_vip_card: line.by_vip_card,
        })
        .collect();
    let sum = |of: fn(&LinePriced) -> i64| money(lines.iter().map(of).fold(0, i64::saturating_add));
    let answer = Answer { total: sum(|line| line.net.amount), discount: sum(|line| line.discount.amount), lines };
    Ok(at_position(api.intake.sequencer().head(), Json(answer).into_response()))
}

fn vip_of(asked: &Asked, place: &Place<'_>) -> Option<Vec<u8>> {
    let card = asked.vip_card.as_ref()?;
    let data = json!({"card": card, "sale": "asked", "customer": asked.customer.as_deref().unwrap_or("nobody")});
    Some(place.event("VipCardUsed", &data))
}

pub(crate) fn describe_post_price(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let asked = in_context(|context| context.schema.subschema_for::<Asked>());
    let answer = in_context(|context| context.schema.subschema_for::<Answer>());
    let example = json!({
        "store": "FR-PAR-01", "currency": "EUR", "customer": "C-77", "vip_card": "#VIP#7A",
        "lines": [{"line": 1, "sku": "BOOT-42", "family": "boots", "quantity": 2, "gross_minor": 12000}],
    });
    docs.id("price_basket")
        .tag("Commands")
        .summary("What a basket costs")
        .description(
            "Final prices first, then what takes off most of each line: a price rule that holds in the store on the day, \
             or the rate of the VIP card. Nothing is added up, and each line is rounded half up once. Nothing is \
             written: send the lines so with the sale.",
        )
        .takes("The basket, before discounts.", vec![("application/json", asked, example)])
        .answers("What each line costs.", answer, None, true)
        .fails(Fault::NotUnderstood, "The body cannot be read.")
        .fails(Fault::Forbidden, "The token is for another store.")
        .fails(Fault::TooLarge, "The body is too large; `limit` says how many bytes are taken.")
        .fails(Fault::Refused, "There can be no such sale, or the VIP card does not hold, and why.")
        .fails(Fault::TooMany, "Too many codes that are none were asked for from this address.")
        .fails(Fault::Unavailable, "Not now; ask again after `Retry-After`.")
}
