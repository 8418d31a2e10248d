//! The figures, for people and for programs.

use anyhow::Result;
use comfy_table::{Cell, ContentArrangement, Table, presets};
use serde_json::json;

use crate::{
    conditions::Conditions,
    measure::{Runs, Spread},
    rows::{Figure, Mark},
};

/// Prints one JSON object with `conditions` and `figures`.
pub fn json(figures: &[Figure], conditions: &Conditions) -> Result<()> {
    let conditions: serde_json::Map<_, _> =
        conditions.iter().map(|(name, found)| (name.to_owned(), found.into())).collect();
    let figures = figures.iter().map(|figure| {
        let mut shown = serde_json::to_value(figure)?;
        shown["ratio"] = figure.ratio().into();
        shown["reaches_at_least"] = figure.reaches(figure.at_least).into();
        shown["reaches_stretch"] = figure.reaches(figure.stretch).into();
        Ok(shown)
    });
    let figures = figures.collect::<Result<Vec<_>>>()?;
    println!("{}", json!({ "conditions": conditions, "figures": figures }));
    Ok(())
}

/// Prints a table, the conditions, and remarks on each row.
pub fn table(figures: &[Figure], conditions: &Conditions) {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["row", "figure", "at least", "stretch", "peer", "ratio"]);
    for figure in figures {
        let peer = match &figure.peer.runs {
            Some(runs) => format!("{}\n{}", shown(runs, "/s"), figure.peer.name),
            None => figure.peer.name.clone(),
        };
        let ratio = figure.ratio().map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.1} ×"));
        table.add_row([
            Cell::new(format!("{}\n{}", figure.row, figure.what)),
            Cell::new(shown(&figure.runs, figure.unit)),
            Cell::new(against(figure, figure.at_least)),
            Cell::new(against(figure, figure.stretch)),
            Cell::new(peer),
            Cell::new(ratio),
        ]);
    }
    println!("{table}\n");
    for (name, found) in conditions.iter() {
        println!("{name:<12} {found}");
    }
    println!();
    for figure in figures {
        println!("{}, {}", figure.row, figure.what);
        for note in &figure.notes {
            println!("  {note}");
        }
        if let Some(cores) = figure.runs.cores {
            println!(
                "  cores busy: server {:.2}, generator {:.2}, all else {:.2}",
                cores.server, cores.generator, cores.others
            );
        }
    }
}

fn shown(runs: &Runs, unit: &str) -> String {
    let Spread { median, min, max } = runs.per_second;
    let rate = format!("{} {unit}\n({}–{})", grouped(median), grouped(min), grouped(max));
    let latencies = [("p50", runs.p50_ms), ("p99", runs.p99_ms)].into_iter().filter_map(|(name, spread)| {
        let Spread { median, min, max } = spread?;
        Some(format!("{name} {median:.2} ms ({min:.2}–{max:.2})"))
    });
    [rate].into_iter().chain(latencies).collect::<Vec<_>>().join("\n")
}

fn against(figure: &Figure, mark: Mark) -> String {
    let rate = (mark.per_second > 0.0).then(|| grouped(mark.per_second));
    let limit = mark.p99_ms.map(|limit| format!("p99 ≤ {limit} ms"));
    let reached = if figure.reaches(mark) { "reached" } else { "MISSED" };
    [rate, limit, Some(reached.to_owned())].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// With a comma before each three digits.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let first = digits.len() % 3;
    let groups = digits.as_bytes()[first..].chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let lead = (first > 0).then(|| digits[..first].to_owned());
    lead.into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(
            [7.0, 123.4, 1_234.0, 300_000.0, 1_000_000.0].map(grouped),
            ["7", "123", "1,234", "300,000", "1,000,000"]
        );
    }
}
