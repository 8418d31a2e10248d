//! `GET /v1/purchases`: who bought how often and for how much?

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Money};
use storefold_projection::{QueryError, Question, RowKey, StoresSeen, View};

use crate::{
    CustomerPurchases,
    rows::{Bought, Row},
};

/// Customers that one answer shows when no number is asked for.
pub const LIMIT_DEFAULT: usize = 100;

/// The most customers that one answer shows.
pub const LIMIT_MAX: usize = 100_000;

/// Whose purchases, and which of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchasesAsked {
    /// Currency of the turnover, as `EUR`; sales in stores of other currencies do not count.
    pub currency: String,
    /// First day of the stores' calendars whose sales count; from the first on when absent.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day (inclusive).
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Only sales in these stores, separated by commas.
    #[serde(default)]
    pub stores: Option<String>,
    /// Only customers with so many sales (inclusive).
    #[serde(default)]
    pub visits_min: Option<String>,
    /// Only customers with so much turnover after returns, in minor units (inclusive).
    #[serde(default)]
    pub turnover_min_minor: Option<String>,
    /// Only this customer.
    #[serde(default)]
    pub customer: Option<String>,
    /// Only customers of this country, an ISO 3166 code of two letters.
    #[serde(default)]
    pub country: Option<String>,
    /// Only customers of this language, a BCP 47 tag.
    #[serde(default)]
    pub language: Option<String>,
    /// How many customers to show at most, from 1 to 100,000; 100 when absent.
    #[serde(default)]
    pub limit: Option<String>,
    /// Only customers after this one, as `next` of the answer before gives it.
    #[serde(default)]
    pub after: Option<String>,
    /// The stores whose sales are told; those of all when absent.
    #[serde(default)]
    #[schemars(skip)]
    pub stores_seen: StoresSeen,
}

/// Who bought how often and for how much.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PurchasesAnswer {
    /// How many customers fit, also those on other pages.
    pub customers: u64,
    /// Their sales together.
    pub visits: i64,
    /// Their turnover together, after returns.
    pub turnover: Money,
    /// Whether only sales in the stores are told that whoever asks sees.
    pub elsewhere_hidden: bool,
    /// Some of them, by their numbers.
    pub purchases: Vec<PurchasesOfCustomer>,
    /// To be asked for as `after` to see the customers after these; null when there are none.
    pub next: Option<String>,
}

/// What one customer bought.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PurchasesOfCustomer {
    /// Number of the customer.
    pub customer: String,
    /// Sales that stand.
    pub visits: i64,
    /// Turnover after returns.
    pub turnover: Money,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/purchases",
        "Who bought how often and for how much",
        "Visits and turnover of each known customer in a period and in some stores or all, for those who reach a number \
         of visits and a turnover: whom a run of vouchers reaches. What comes back is taken off on the day of its sale. \
         The totals are of all who fit; customers come in pages: ask again with `after` set to `next`. Whoever sees some \
         stores is told of what was bought there.",
        answer,
    )
    .telling_of_stores_seen()
}

/// What is asked, checked.
struct Wanted<'a> {
    asked: &'a PurchasesAsked,
    currency: Currency,
    stores: Vec<&'a str>,
    visits_min: i64,
    turnover_min_minor: i64,
    limit: usize,
}

impl<'a> Wanted<'a> {
    fn of(asked: &'a PurchasesAsked) -> Result<Self, QueryError> {
        let known = Currency::new(&asked.currency).filter(Currency::is_known);
        let currency = known.ok_or_else(|| bad("currency", "is not known; send an ISO 4217 code, as EUR"))?;
        let limit = number("limit", asked.limit.as_deref())?.unwrap_or(LIMIT_DEFAULT as i64);
        if !(1..=LIMIT_MAX as i64).contains(&limit) {
            return Err(bad("limit", "is not 1 to 100000"));
        }
        if asked.from.is_some_and(|from| asked.until.is_some_and(|until| until < from)) {
            return Err(bad("until", "is before `from`; send a later day"));
        }
        let stores = asked.stores.as_deref().unwrap_or_default().split(',').map(str::trim);
        let stores: Vec<_> = stores.filter(|store| !store.is_empty()).collect();
        if let Some(hidden) = stores.iter().find(|store| !asked.stores_seen.sees(Some(store))) {
            return Err(QueryError::Unknown { kind: "store", name: (*hidden).to_owned() });
        }
        Ok(Self {
            asked,
            currency,
            stores,
            visits_min: number("visits_min", asked.visits_min.as_deref())?.unwrap_or(0),
            turnover_min_minor: number("turnover_min_minor", asked.turnover_min_minor.as_deref())?.unwrap_or(i64::MIN),
            limit: limit as usize,
        })
    }

    fn counts(&self, store: &str, day: NaiveDate, bought: &Bought) -> bool {
        bought.currency == self.currency
            && self.asked.stores_seen.sees(Some(store))
            && (self.stores.is_empty() || self.stores.contains(&store))
            && self.asked.from.is_none_or(|from| from <= day)
            && self.asked.until.is_none_or(|until| day <= until)
    }

    fn lives_there(&self, view: &View<'_, CustomerPurchases>, customer: &str) -> Result<bool, QueryError> {
        let (country, language) = (self.asked.country.as_ref(), self.asked.language.as_ref());
        if country.is_none() && language.is_none() {
            return Ok(true);
        }
        let Some(Row::Home(home)) = view.get(&Row::home_key(customer))? else { return Ok(false) };
        let is = |wanted: Option<&String>, found: Option<&String>| {
            wanted.is_none_or(|wanted| found.is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
        };
        Ok(is(country, home.country.as_ref()) && is(language, home.language.as_ref()))
    }
}

fn answer(view: &View<'_, CustomerPurchases>, asked: &PurchasesAsked) -> Result<PurchasesAnswer, QueryError> {
    let wanted = Wanted::of(asked)?;
    let money = |amount: i64| Money { amount, currency: wanted.currency };
    let mut answer = PurchasesAnswer {
        customers: 0,
        visits: 0,
        turnover: money(0),
        elsewhere_hidden: asked.stores_seen.is_part(),
        purchases: Vec::new(),
        next: None,
    };
    let mut fits = |customer: &str, visits: i64, turnover_minor: i64| {
        let reached = visits >= wanted.visits_min && turnover_minor >= wanted.turnover_min_minor;
        if visits == 0 || !reached || !wanted.lives_there(view, customer)? {
            return Ok(());
        }
        answer.customers += 1;
        answer.visits += visits;
        answer.turnover.amount = answer.turnover.amount.saturating_add(turnover_minor);
        if asked.after.as_deref().is_some_and(|after| customer <= after) {
            return Ok(());
        }
        if answer.purchases.len() < wanted.limit {
            let (customer, turnover) = (customer.to_owned(), money(turnover_minor));
            answer.purchases.push(PurchasesOfCustomer { customer, visits, turnover });
        } else if answer.next.is_none() {
            answer.next = answer.purchases.last().map(|last| last.customer.clone());
        }
        Ok::<_, QueryError>(())
    };
    let all = asked.customer.as_deref().map_or_else(Row::days_key, Row::days_of_key);
    let mut current: Option<(String, i64, i64)> = None;
    view.scan(&all, &all, |key, row| {
        let (Row::Day(bought), Some([customer, store]), Some(day)) =
            (row, RowKey::first_texts::<2>(key), RowKey::last_day(key))
        else {
            return Ok(());
        };
        if current.as_ref().is_none_or(|(of, ..)| *of != customer)
            && let Some((of, visits, turnover_minor)) = current.replace((customer, 0, 0))
        {
            fits(&of, visits, turnover_minor)?;
        }
        if let Some((_, visits, turnover_minor)) = current.as_mut().filter(|_| wanted.counts(&store, day, &bought)) {
            *visits += bought.visits;
            *turnover_minor = turnover_minor.saturating_add(bought.turnover_minor);
        }
        Ok(())
    })?;
    if let Some((of, visits, turnover_minor)) = current {
        fits(&of, visits, turnover_minor)?;
    }
    Ok(answer)
}

fn number(parameter: &str, text: Option<&str>) -> Result<Option<i64>, QueryError> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_| bad(parameter, &format!("is `{text}`, which is not a whole number")))
}

fn bad(parameter: &str, detail: &str) -> QueryError {
    QueryError::BadParameter { parameter: parameter.to_owned(), detail: detail.to_owned() }
}
