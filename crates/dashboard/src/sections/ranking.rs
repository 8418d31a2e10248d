//! Stores by a key figure, the best first (row 1.24).

use maud::{Markup, html};

use crate::{
    answers::kpis::{Definition, Ranked, Ranking},
    charts::{Drawing, part},
    links,
    visit::Visit,
};

/// Places `from` (counted from 0) up to so many; each with a bar against the highest of all.
pub(crate) fn places(visit: &Visit<'_>, ranking: &Ranking, from: usize, count: usize) -> Markup {
    let language = visit.language;
    let number = |ranked: &Ranked| ranked.value.as_ref().and_then(serde_json::Number::as_f64);
    let highest = ranking.places.iter().filter_map(number).fold(0.0, f64::max);
    let percent = |ranked: &Ranked| match number(ranked) {
        Some(value) if highest > 0.0 => (value * 100.0 / highest).clamp(0.0, 100.0),
        _ => 0.0,
    };
    html! {
        p.hint {
            ((visit.texts().words.from_to)(&language.day(ranking.all.from), &language.day(ranking.all.to)))
            @if let Some(all) = &ranking.all.value {
                " · " ((visit.texts().charts.all_stores)(&language.count(ranking.places.len() as u64))) ": "
                (language.value(&ranking.definition.unit, all, ranking.currency))
            }
        }
        ol.ranked {
            @for ranked in ranking.places.iter().skip(from).take(count) {
                li {
                    span.name {
                        span.rank { (ranked.rank.map_or("–".to_owned(), |rank| language.count(rank as u64))) }
                        a href=(links::to_store(&ranked.store)) { (ranked.name) }
                    }
                    span.amount {
                        @match (&ranked.value, &ranked.not_known) {
                            (Some(value), _) => (language.value(&ranking.definition.unit, value, ranking.currency)),
                            (None, Some(why)) => span lang="en" { (why) },
                            (None, None) => "–",
                        }
                    }
                    (Drawing::beside().set("class", "part").add(part("succeeded", 0.0, percent(ranked))))
                }
            }
        }
    }
}

/// Chooses the key figure that stores are ranked by; what else is chosen stays.
pub(crate) fn chooser(
    visit: &Visit<'_>,
    action: &str,
    (name, now): (&str, &str),
    kpis: &[Definition],
    kept: &[(&str, Option<&str>)],
) -> Markup {
    chooser_named(visit, action, (name, now), kpis, kept, visit.texts().charts.rank_by)
}

/// Chooses a key figure, for what the label says.
pub(crate) fn chooser_named(
    visit: &Visit<'_>,
    action: &str,
    (name, now): (&str, &str),
    kpis: &[Definition],
    kept: &[(&str, Option<&str>)],
    label: &str,
) -> Markup {
    let texts = visit.texts();
    html! {
        form.picker method="get" action=(action) {
            label for="ranked-by" { (label) }
            select #ranked-by name=(name) {
                @for kpi in kpis {
                    option value=(kpi.kpi) selected[kpi.kpi == now] { (texts.kpis.name(&kpi.kpi)) }
                }
            }
            @for (name, value) in kept.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
                input type="hidden" name=(name) value=(value);
            }
            button type="submit" { (texts.frame.show) }
        }
    }
}
