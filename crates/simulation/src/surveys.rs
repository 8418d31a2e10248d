//! Some customers are asked about a purchase, and a few a week answer for each store.

use storefold_events::{Text, survey::SurveyAnswered};

use crate::{
    dice::Dice,
    expectation::{Customer, Effect},
    people,
    staff::Staff,
    world::{SURVEYS, World},
};

const HOUR_MS: i64 = 3_600_000;

/// Sales of identified customers about which one answers.
const ANSWERED_PER_MILLE: i64 = 40;
/// An answer comes within five days of the sale.
const ANSWER_AFTER_MS: [i64; 2] = [2 * HOUR_MS, 120 * HOUR_MS];

const SCORE_BEST: u32 = 10;
/// How often who is not satisfied gives 0, 1, … 7 …
const DISSATISFIED_WEIGHTS: [u32; 8] = [1, 1, 2, 4, 8, 12, 18, 20];
/// … and who is satisfied 8, 9, 10.
const SATISFIED_WEIGHTS: [u32; 3] = [40, 36, 24];
/// Of those who give 8, so many name something all the same.
const NAMED_ALL_THE_SAME_PER_MILLE: i64 = 300;
/// Of those who are not satisfied, so many name a second thing.
const NAMED_TWO_PER_MILLE: i64 = 350;

const WAITING_TIME: &str = "waiting_time";
const FOOT_SCAN: &str = "foot_scan";
/// What there is to be dissatisfied with, and how often it is in an ordinary store.
const SOURCES: [(&str, u32); 7] = [
    (WAITING_TIME, 22),
    ("sizes_missing", 24),
    ("prices", 18),
    ("advice", 14),
    ("tidiness", 8),
    (FOOT_SCAN, 7),
    ("returns", 7),
];
/// How much more often what is wrong with a store is named there.
const TIMES_MORE_OFTEN: u32 = 4;

impl World {
    /// Plans the answer of a customer to the survey about a purchase; most give none.
    pub(crate) fn plan_answer(&mut self, store: usize, at_ms: i64, customer: Customer, sale: &Text<'_>) {
        let profile = &self.profiles[store];
        let Some(staff) = &mut self.shops[store].staff else { return };
        if !staff.dice.chance(ANSWERED_PER_MILLE) {
            return;
        }
        let [soonest_ms, latest_ms] = ANSWER_AFTER_MS;
        let answered_at_ms = at_ms + staff.dice.between(soonest_ms, latest_ms);
        let day = profile.calendar.day_at(answered_at_ms).day;
        let eased = staff.easing.is_some_and(|easing| easing.from <= profile.calendar.day_at(at_ms).day);
        let weight = |(source, weight): (&str, u32)| {
            let more_often =
                source == FOOT_SCAN && profile.sunny || source == WAITING_TIME && staff.easing.is_some() && !eased;
            if more_often { weight * TIMES_MORE_OFTEN } else { weight }
        };
        let weights = SOURCES.map(weight);
        let Said { score, dissatisfied_with } = Said::draw(staff, eased, weights);
        staff.answers += 1;
        let answered = SurveyAnswered {
            answer: format!("{}-A{:05}", profile.code, staff.answers).into(),
            survey: Text::from("purchase"),
            score,
            score_best: SCORE_BEST,
            dissatisfied_with,
            customer: Some(people::customer_id(customer.country, customer.number).into()),
            sale: Some(sale.clone().into_owned()),
        };
        let effect = Effect::Answer { satisfied: answered.is_satisfied() };
        self.add(SURVEYS, Some((store, day)), answered_at_ms, effect, answered.into());
    }
}

struct Said {
    score: u32,
    dissatisfied_with: Vec<Text<'static>>,
}

impl Said {
    fn draw(staff: &mut Staff, eased: bool, weights: [u32; SOURCES.len()]) -> Self {
        let gained_per_mille = staff.easing.filter(|_| eased).map_or(0, |easing| easing.gained_per_mille);
        let (dice, satisfied_per_mille) = (&mut staff.dice, staff.satisfied_per_mille + gained_per_mille);
        if dice.chance(satisfied_per_mille) {
            let above = dice.weighted(SATISFIED_WEIGHTS.into_iter()) as u32;
            let names = above == 0 && dice.chance(NAMED_ALL_THE_SAME_PER_MILLE);
            return Self { score: 8 + above, dissatisfied_with: named(usize::from(names), weights, dice) };
        }
        let score = dice.weighted(DISSATISFIED_WEIGHTS.into_iter()) as u32;
        let count = if dice.chance(NAMED_TWO_PER_MILLE) { 2 } else { 1 };
        Self { score, dissatisfied_with: named(count, weights, dice) }
    }
}

/// So many different things.
fn named(count: usize, mut weights: [u32; SOURCES.len()], dice: &mut Dice) -> Vec<Text<'static>> {
    let mut name = || {
        let index = dice.weighted(weights.into_iter());
        weights[index] = 0;
        Text::from(SOURCES[index].0)
    };
    (0..count).map(|_| name()).collect()
}
