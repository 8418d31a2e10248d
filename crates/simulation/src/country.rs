//! What differs from country to country: money, tax, habits, holidays.

use chrono::{Datelike, NaiveDate, Weekday};
use storefold_events::Currency;

/// A country with stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Country {
    /// France.
    France,
    /// Italy.
    Italy,
    /// Germany.
    Germany,
    /// The United Kingdom.
    Britain,
    /// The United States.
    UnitedStates,
    /// Japan.
    Japan,
}

/// Month and day of month.
type MonthDay = (u32, u32);

pub(crate) struct Habits {
    pub(crate) code: &'static str,
    currency: &'static str,
    /// Tax contained in a price, in 1/100,000 of the amount without it.
    pub(crate) tax_per_100k: i64,
    /// Of an article that costs one euro cent: minor units times 100.
    pub(crate) price_percent: i64,
    /// Shelf prices are multiples of 100 minor units less this.
    pub(crate) price_under_minor: i64,
    /// Sales paid in cash alone.
    pub(crate) cash_per_mille: i64,
    /// Days on which every store is closed.
    closed: &'static [MonthDay],
    /// First and last day of the sales, both inclusive.
    sales: &'static [(MonthDay, MonthDay)],
    /// Visitors of each month, January first, in percent of the year's mean.
    months_percent: [i64; 12],
}

static HABITS: [Habits; Country::ALL.len()] = [
    Habits {
        code: "FR",
        currency: "EUR",
        tax_per_100k: 20_000,
        price_percent: 100,
        price_under_minor: 10,
        cash_per_mille: 180,
        closed: &[(1, 1), (5, 1), (12, 25)],
        sales: &[((1, 8), (2, 4)), ((6, 24), (7, 21))],
        months_percent: [110, 90, 93, 98, 100, 104, 104, 72, 106, 100, 104, 135],
    },
    Habits {
        code: "IT",
        currency: "EUR",
        tax_per_100k: 22_000,
        price_percent: 95,
        price_under_minor: 10,
        cash_per_mille: 330,
        closed: &[(1, 1), (4, 25), (5, 1), (8, 15), (12, 25), (12, 26)],
        sales: &[((1, 5), (2, 10)), ((7, 4), (8, 10))],
        months_percent: [108, 92, 95, 100, 100, 102, 108, 70, 104, 102, 104, 135],
    },
    Habits {
        code: "DE",
        currency: "EUR",
        tax_per_100k: 19_000,
        price_percent: 98,
        price_under_minor: 5,
        cash_per_mille: 380,
        closed: &[(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)],
        sales: &[((1, 2), (1, 25)), ((7, 20), (8, 8))],
        months_percent: [98, 90, 96, 102, 100, 98, 98, 94, 102, 104, 108, 140],
    },
    Habits {
        code: "GB",
        currency: "GBP",
        tax_per_100k: 20_000,
        price_percent: 88,
        price_under_minor: 1,
        cash_per_mille: 90,
        closed: &[(1, 1), (12, 25)],
        sales: &[((12, 26), (12, 31)), ((1, 2), (1, 18)), ((6, 28), (7, 18))],
        months_percent: [100, 88, 95, 98, 100, 102, 104, 100, 98, 100, 110, 145],
    },
    Habits {
        code: "US",
        currency: "USD",
        tax_per_100k: 8_875,
        price_percent: 112,
        price_under_minor: 1,
        cash_per_mille: 120,
        closed: &[(12, 25)],
        sales: &[((12, 26), (12, 31)), ((7, 1), (7, 7)), ((9, 1), (9, 7))],
        months_percent: [88, 90, 96, 98, 102, 100, 100, 106, 96, 98, 118, 148],
    },
    Habits {
        code: "JP",
        currency: "JPY",
        tax_per_100k: 10_000,
        price_percent: 160,
        price_under_minor: 0,
        cash_per_mille: 420,
        closed: &[(1, 1)],
        sales: &[((1, 2), (1, 20)), ((7, 1), (7, 20))],
        months_percent: [112, 88, 104, 104, 106, 92, 102, 98, 96, 100, 102, 130],
    },
];

impl Country {
    /// Every country, in the order of its declaration.
    pub const ALL: [Self; 6] =
        [Self::France, Self::Italy, Self::Germany, Self::Britain, Self::UnitedStates, Self::Japan];

    pub(crate) fn habits(self) -> &'static Habits {
        &HABITS[self as usize]
    }

    /// ISO 3166 code, as FR.
    pub fn code(self) -> &'static str {
        self.habits().code
    }

    /// What its customers pay in.
    pub fn currency(self) -> Currency {
        Currency::new(self.habits().currency).expect("the table holds codes of three capital letters")
    }

    /// Whether every store of the country is closed on a day.
    pub(crate) fn closed_on(self, day: NaiveDate) -> bool {
        let thanksgiving = self == Self::UnitedStates && day == thanksgiving(day.year());
        thanksgiving || self.habits().closed.contains(&(day.month(), day.day()))
    }

    /// Whether prices are cut on a day: the country's sales, and everywhere the days of Black Friday.
    pub(crate) fn in_sales(self, day: NaiveDate) -> bool {
        let date = (day.month(), day.day());
        black_friday(day) || self.habits().sales.iter().any(|(first, last)| (*first..=*last).contains(&date))
    }

    /// Visitors of a day of the year in percent of an ordinary one, the day of the week left aside.
    pub(crate) fn season_percent(self, day: NaiveDate) -> i64 {
        let month = self.habits().months_percent[day.month0() as usize];
        let christmas = if day.month() == 12 && (12..=24).contains(&day.day()) { 25 } else { 0 };
        let sales = if self.in_sales(day) { 20 } else { 0 };
        month + christmas + sales
    }
}

/// The fourth Thursday of November.
fn thanksgiving(year: i32) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, 11, Weekday::Thu, 4).expect("every November has four Thursdays")
}

/// The Friday after Thanksgiving to the Monday after it.
fn black_friday(day: NaiveDate) -> bool {
    matches!(day.month(), 11 | 12) && (1..=4).contains(&(day - thanksgiving(day.year())).num_days())
}
