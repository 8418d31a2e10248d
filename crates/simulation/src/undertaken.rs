//! What is undertaken for better figures: action plans, and challenges of the sellers. Their days are shares of the history,
//! so that every network has some that are over and some that are under way.

use chrono::{Days, NaiveDate};
use storefold_events::{
    Text,
    improvement::{
        ActionPlanClosed, ActionPlanOpened, ChallengeClosed, ChallengeOpened,
        PlanKind::{self, Experience, Layout, LoyaltyProgramme, PromotionsAndPrices, Training},
    },
};

use crate::{
    Country, Settings, StoreProfile,
    expectation::Effect,
    world::{BACK_OFFICE, World},
};

const HOUR_MS: i64 = 3_600_000;
/// Hours after the begin of a store day at which something is decided, and at which it ends.
const DECIDED_AFTER_HOURS: i64 = 9;
const ENDED_AFTER_HOURS: i64 = 20;

/// The most stores that a challenge names.
const STORES_MAX: usize = 20;

enum For {
    Store(&'static str),
    Organisation(&'static str),
    Network,
}

struct Plan {
    whom: For,
    kind: PlanKind,
    title: &'static str,
    kpi: &'static str,
    reason: &'static str,
    /// When it is decided and when it begins, in percent of the history's days; above 100 is to come.
    decided_percent: u32,
    from_percent: u32,
    /// When it ended, and what came of it.
    ended: Option<(u32, &'static str)>,
    /// Customers who are satisfied only since it began.
    gained_per_mille: i64,
}

const UNMOVED: i64 = 0;

static PLANS: [Plan; 8] = [
    Plan {
        whom: For::Store("FR-NCE-01"),
        kind: Training,
        title: "Show customers how to stand still",
        kpi: "scan_success",
        reason: "Every fourth scan fails, more than anywhere else in France.",
        decided_percent: 8,
        from_percent: 10,
        ended: Some((35, "As many scans fail as before, and nearly all of them around noon: it is the sun.")),
        gained_per_mille: UNMOVED,
    },
    Plan {
        whom: For::Store("DE-BER-01"),
        kind: Training,
        title: "Ask for the address at every scan",
        kpi: "email_capture",
        reason: "Every second customer leaves without giving an address; in other stores it is one in four.",
        decided_percent: 18,
        from_percent: 20,
        ended: Some((55, "The team asks, and many decline. Next: say what the address is for.")),
        gained_per_mille: UNMOVED,
    },
    Plan {
        whom: For::Network,
        kind: PromotionsAndPrices,
        title: "A second pair at a lower price",
        kpi: "units_per_transaction",
        reason: "Most customers leave with one pair.",
        decided_percent: 25,
        from_percent: 30,
        ended: Some((45, "It moved too little for what it cost; not to be repeated.")),
        gained_per_mille: UNMOVED,
    },
    Plan {
        whom: For::Store("IT-MIL-01"),
        kind: Experience,
        title: "A second till from noon to two",
        kpi: "satisfaction",
        reason: "Waiting is what customers name most often.",
        decided_percent: 38,
        from_percent: 40,
        ended: Some((85, "The queue is gone and the answers are better: the second till stays.")),
        gained_per_mille: 380,
    },
    // It should have ended after a week, and nobody has closed it.
    Plan {
        whom: For::Store("FR-NCE-01"),
        kind: Layout,
        title: "Blinds for the shop window",
        kpi: "scan_success",
        reason: "The sun stands on the scanner around noon. To be done within a week.",
        decided_percent: 36,
        from_percent: 40,
        ended: None,
        gained_per_mille: UNMOVED,
    },
    Plan {
        whom: For::Organisation("acme/fr"),
        kind: Experience,
        title: "Scan both feet before every sale of boots",
        kpi: "return_rate",
        reason: "Boots come back more often than anything else, most of them for their size.",
        decided_percent: 68,
        from_percent: 72,
        ended: None,
        gained_per_mille: UNMOVED,
    },
    Plan {
        whom: For::Store("US-NYC-01"),
        kind: Training,
        title: "Clean the scanners every morning",
        kpi: "scan_success",
        reason: "Two scans in five fail, at any hour.",
        decided_percent: 80,
        from_percent: 82,
        ended: None,
        gained_per_mille: UNMOVED,
    },
    Plan {
        whom: For::Network,
        kind: LoyaltyProgramme,
        title: "Points for a first scan",
        kpi: "recruitment",
        reason: "Who has a file comes again; most who are scanned have none.",
        decided_percent: 90,
        from_percent: 110,
        ended: None,
        gained_per_mille: UNMOVED,
    },
];

struct Challenge {
    title: &'static str,
    /// Whose stores take part; all when none is named.
    country: Option<Country>,
    with_email: bool,
    /// First and last day, in percent of the history's days.
    percent: [u32; 2],
    /// Its last day when it was ended early.
    ended_percent: Option<u32>,
}

static CHALLENGES: [Challenge; 3] = [
    Challenge {
        title: "Every file with an address",
        country: None,
        with_email: true,
        percent: [15, 45],
        ended_percent: Some(35),
    },
    Challenge {
        title: "Who welcomes most new customers in France?",
        country: Some(Country::France),
        with_email: false,
        percent: [50, 70],
        ended_percent: None,
    },
    Challenge {
        title: "Welcome to the brand",
        country: None,
        with_email: false,
        percent: [88, 112],
        ended_percent: None,
    },
];

/// What a plan gains with the customers of a store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Easing {
    /// The first store day on which it is done.
    pub(crate) from: NaiveDate,
    /// Customers who are satisfied since.
    pub(crate) gained_per_mille: i64,
}

impl Easing {
    /// What is done about waiting in a store.
    pub(crate) fn of(profile: &StoreProfile, first_day: NaiveDate, settings: &Settings) -> Option<Self> {
        let is_for = |plan: &&Plan| matches!(plan.whom, For::Store(code) if code == profile.code);
        let plan = PLANS.iter().filter(is_for).find(|plan| plan.gained_per_mille > 0)?;
        Some(Self { from: day_at(first_day, settings, plan.from_percent), gained_per_mille: plan.gained_per_mille })
    }
}

fn day_at(first_day: NaiveDate, settings: &Settings, percent: u32) -> NaiveDate {
    first_day + Days::new(u64::from(settings.days) * u64::from(percent) / 100)
}

impl World {
    /// Plans every action plan whose stores are there, and every challenge.
    pub(crate) fn undertake(&mut self) {
        for (number, plan) in (1..).zip(&PLANS) {
            self.plan_action(&format!("P-{number:02}"), plan);
        }
        for (number, challenge) in (1..).zip(&CHALLENGES) {
            self.plan_challenge(&format!("C-{number:02}"), challenge);
        }
    }

    fn plan_action(&mut self, name: &str, plan: &Plan) {
        let is_for = |profile: &StoreProfile| match plan.whom {
            For::Store(code) => profile.code == code,
            For::Organisation(organisation) => profile.organisation == organisation,
            For::Network => true,
        };
        // Days are those of its first store.
        let Some(store) = self.profiles.iter().position(is_for) else { return };
        let of_store = matches!(plan.whom, For::Store(_));
        let at = |day| of_store.then_some((store, day));
        let day = |percent| self.day_of(store, percent);
        let opened = ActionPlanOpened {
            plan: name.to_owned().into(),
            kind: plan.kind,
            title: Text::from(plan.title),
            kpi: Text::from(plan.kpi),
            from: day(plan.from_percent),
            organisation: match plan.whom {
                For::Organisation(organisation) => Some(Text::from(organisation)),
                For::Store(_) | For::Network => None,
            },
            reason: Some(Text::from(plan.reason)),
        };
        let decided = day(plan.decided_percent);
        let closed = plan.ended.map(|(percent, conclusion)| ActionPlanClosed {
            plan: name.to_owned().into(),
            until: day(percent),
            conclusion: Text::from(conclusion),
        });
        let at_ms = self.hours_into(store, decided, DECIDED_AFTER_HOURS);
        self.add(BACK_OFFICE, at(decided), at_ms, Effect::None, opened.into());
        if let Some(closed) = closed {
            let (until, at_ms) = (closed.until, self.hours_into(store, closed.until, ENDED_AFTER_HOURS));
            self.add(BACK_OFFICE, at(until), at_ms, Effect::None, closed.into());
        }
    }

    fn plan_challenge(&mut self, name: &str, challenge: &Challenge) {
        let takes_part = |profile: &&StoreProfile| Some(profile.country) == challenge.country;
        let stores = self.profiles.iter().filter(takes_part).take(STORES_MAX);
        let stores: Vec<_> = stores.map(|profile| Text::from(profile.code.clone())).collect();
        let [from, until] = challenge.percent.map(|percent| self.day_of(0, percent));
        let (title, with_email) = (Text::from(challenge.title), challenge.with_email);
        let opened = ChallengeOpened { challenge: name.to_owned().into(), title, from, until, stores, with_email };
        let at_ms = self.hours_into(0, from, DECIDED_AFTER_HOURS);
        self.add(BACK_OFFICE, None, at_ms, Effect::None, opened.into());
        if let Some(percent) = challenge.ended_percent {
            let until = self.day_of(0, percent);
            let at_ms = self.hours_into(0, until, ENDED_AFTER_HOURS);
            let closed = ChallengeClosed { challenge: name.to_owned().into(), until };
            self.add(BACK_OFFICE, None, at_ms, Effect::None, closed.into());
        }
    }

    fn day_of(&self, store: usize, percent: u32) -> NaiveDate {
        day_at(self.shops[store].first_day, &self.settings, percent)
    }

    fn hours_into(&self, store: usize, day: NaiveDate, hours: i64) -> i64 {
        self.profiles[store].calendar.span_of(day).start_ms + hours * HOUR_MS
    }
}
