//! What goes over the counter. A line's amounts are whole multiples of those of one unit, so that the refund of any number
//! of units is what was paid for them, to the minor unit.

use storefold_events::{
    Text,
    sale::{SaleLine, Tender},
};

use crate::{Country, dice::Dice, profile::StoreProfile, programme::Programme};

struct Article {
    sku: &'static str,
    family: &'static str,
    /// Price in euro cents before a country's and a store's level.
    price_eur_cents: i64,
    /// Smallest and largest European size, both inclusive; nothing for what is not sold by the pair.
    sizes: Option<(i64, i64)>,
    /// How often it is bought, compared with the others.
    weight: u32,
}

const fn article(
    sku: &'static str,
    family: &'static str,
    price_eur_cents: i64,
    sizes: Option<(i64, i64)>,
    weight: u32,
) -> Article {
    Article { sku, family, price_eur_cents, sizes, weight }
}

const ADULT: Option<(i64, i64)> = Some((36, 46));
const WOMEN: Option<(i64, i64)> = Some((35, 42));
const CHILD: Option<(i64, i64)> = Some((24, 35));

static ARTICLES: [Article; 16] = [
    article("SNEAKER-RIVA", "sneakers", 8_900, ADULT, 18),
    article("SNEAKER-TEMPO", "sneakers", 11_900, ADULT, 14),
    article("RUN-AIRE", "running", 13_900, ADULT, 12),
    article("RUN-TRAIL", "running", 15_900, ADULT, 8),
    article("BOOT-ALPINE", "boots", 17_900, ADULT, 7),
    article("BOOT-CHELSEA", "boots", 14_900, ADULT, 9),
    article("LOAFER-PENNY", "city", 12_900, ADULT, 7),
    article("OXFORD-DERBY", "city", 15_900, ADULT, 5),
    article("BALLERINA", "city", 7_900, WOMEN, 7),
    article("SANDAL-SOL", "sandals", 5_900, ADULT, 6),
    article("KIDS-HOP", "children", 4_900, CHILD, 8),
    article("SLIPPER", "home", 3_900, ADULT, 4),
    article("SOCKS", "accessories", 900, None, 14),
    article("INSOLE-FIT", "care", 2_900, None, 10),
    article("CARE-SPRAY", "care", 1_200, None, 9),
    article("LACES", "accessories", 600, None, 4),
];

/// What happens to prices on the day.
#[derive(Clone, Copy)]
pub(crate) struct Prices {
    country: Country,
    store_percent: i64,
    discounted_per_mille: i64,
}

impl Prices {
    pub(crate) fn of(profile: &StoreProfile, in_sales: bool) -> Self {
        Self {
            country: profile.country,
            store_percent: profile.price_percent.into(),
            discounted_per_mille: if in_sales { 600 } else { 140 },
        }
    }

    /// A price as it stands on the shelf: 88.90, or whole hundreds of yen.
    fn shelf_minor(self, price_eur_cents: i64) -> i64 {
        let habits = self.country.habits();
        let exact_minor = price_eur_cents * habits.price_percent * self.store_percent / 10_000;
        ((exact_minor + 50) / 100).max(1) * 100 - habits.price_under_minor
    }
}

/// The lines of a sale or an order.
pub(crate) fn draw(prices: Prices, dice: &mut Dice) -> Vec<SaleLine<'static>> {
    let count = [1, 2, 3, 4][dice.weighted([600, 280, 90, 30].into_iter())];
    (1..=count).map(|line| draw_line(line, prices, dice)).collect()
}

fn draw_line(line: u32, prices: Prices, dice: &mut Dice) -> SaleLine<'static> {
    let article = &ARTICLES[dice.weighted(ARTICLES.iter().map(|article| article.weight))];
    let quantity = if article.sizes.is_some() {
        1 + i64::from(dice.chance(40))
    } else {
        [1, 2, 3, 5][dice.weighted([60, 20, 15, 5].into_iter())]
    };
    let unit_gross_minor = prices.shelf_minor(article.price_eur_cents);
    let off_percent = if dice.chance(prices.discounted_per_mille) {
        [10, 20, 30, 40, 50][dice.weighted([20, 35, 25, 12, 8].into_iter())]
    } else {
        0
    };
    let unit_discount_minor = unit_gross_minor * off_percent / 100;
    let net_minor = (unit_gross_minor - unit_discount_minor) * quantity;
    let tax_per_100k = prices.country.habits().tax_per_100k;
    let cost_percent = dice.between(36, 44);
    SaleLine {
        line,
        sku: match article.sizes {
            Some((smallest, largest)) => format!("{}-{}", article.sku, dice.between(smallest, largest)).into(),
            None => Text::from(article.sku),
        },
        family: Some(Text::from(article.family)),
        quantity,
        gross_minor: unit_gross_minor * quantity,
        discount_minor: unit_discount_minor * quantity,
        tax_minor: half_up(net_minor * tax_per_100k, 100_000 + tax_per_100k),
        cost_minor: Some(half_up(unit_gross_minor * quantity * cost_percent, 100 + tax_per_100k / 1_000)),
        sells: None,
    }
}

/// `dividend / divisor`, both positive, halves rounded up.
pub(crate) fn half_up(dividend: i64, divisor: i64) -> i64 {
    (dividend * 2 + divisor) / (divisor * 2)
}

pub(crate) fn net_minor(lines: &[SaleLine<'_>]) -> i64 {
    lines.iter().map(SaleLine::net_minor).sum()
}

pub(crate) fn units(lines: &[SaleLine<'_>]) -> i64 {
    lines.iter().map(|line| line.quantity).sum()
}

pub(crate) fn tax_minor(lines: &[SaleLine<'_>]) -> i64 {
    lines.iter().map(|line| line.tax_minor).sum()
}

/// The part of the lines that earns points when `kept` units of each are kept.
pub(crate) fn eligible_minor(lines: &[SaleLine<'_>], kept: &[i64], programme: &Programme) -> i64 {
    lines
        .iter()
        .zip(kept)
        .filter(|(line, _)| programme.earn_on_discounted || line.discount_minor == 0)
        .map(|(line, kept)| line.net_minor() / line.quantity * kept)
        .sum()
}

/// Pays `due_minor` by card, in cash, or partly in banknotes and the rest by card.
pub(crate) fn tenders(due_minor: i64, country: Country, dice: &mut Dice) -> Vec<Tender<'static>> {
    let card = |amount_minor| Tender { kind: Text::from("card"), amount_minor, instrument: None };
    let cash = |amount_minor| Tender { kind: Text::from("cash"), amount_minor, instrument: None };
    if dice.chance(country.habits().cash_per_mille) {
        return vec![cash(due_minor)];
    }
    let banknotes_minor = due_minor / 2_000 * 1_000;
    if banknotes_minor > 0 && dice.chance(70) {
        return vec![cash(banknotes_minor), card(due_minor - banknotes_minor)];
    }
    vec![card(due_minor)]
}
