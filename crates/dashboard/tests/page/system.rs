use std::time::Duration;

use storefold_dashboard::System;
use storefold_projection::{
    AsOf, ModelStatus, Poisoned, Proof, RebuildPurpose, RebuildState, RebuildStatus, RebuiltModel, SnapshotStatus,
};

use crate::network::{NOW_MS, Network, ask, get};

const REFRESH: &str = "http-equiv=\"refresh\"";

fn model(name: &'static str, position: u64, difference: Option<&str>) -> ModelStatus {
    let difference = difference.map(str::to_owned);
    ModelStatus {
        name,
        version: 2,
        position,
        lag_events: 12_345 - position,
        poisoned: None,
        heartbeat_age: Duration::ZERO,
        folded_total: position,
        proof: Some(Proof { position: 12_000, difference, age: Duration::from_mins(3) }),
    }
}

fn rebuild(id: u64, purpose: RebuildPurpose, state: RebuildState, equal: Option<bool>) -> RebuildStatus {
    let digest = "00".repeat(32);
    RebuildStatus {
        snapshot: (purpose == RebuildPurpose::Snapshot).then(|| "january".to_owned()),
        rebuild: id,
        purpose,
        models: vec!["sales".to_owned()],
        state,
        position: 3_000,
        until: 12_000,
        events_per_second: 5_100_000.4,
        seconds_left: Some(1.25),
        seconds: 0.9,
        detail: None,
        outcome: equal
            .map(|equal| RebuiltModel { model: "sales".to_owned(), position: 12_000, digest, equal: Some(equal) })
            .into_iter()
            .collect(),
    }
}

fn system(models: Vec<ModelStatus>, rebuilds: Vec<RebuildStatus>) -> System {
    System { now_ms: NOW_MS, log_position: 12_345, models, rebuilds, ..System::default() }
}

async fn shown(system: System) -> String {
    let (status, page) = get(&Network::doing(system), "/system").await;
    assert_eq!(status, 200);
    page
}

fn assert_shows(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "`{part}` is not in\n{page}");
    }
}

#[tokio::test]
async fn a_system_that_is_well_says_so_and_how_to_rebuild() {
    let page = shown(system(vec![model("sales", 12_345, None), model("points", 12_340, None)], Vec::new())).await;
    assert_shows(
        &page,
        &[
            "Log position 12,345 · all is well",
            "<h3>sales <span class=\"quiet\">version 2</span></h3>",
            "<dt>Position</dt><dd>12,345</dd>",
            "<dt>Lag</dt><dd>0 events</dd>",
            "<dt>State</dt><dd>level with the log</dd>",
            "<dt>Lag</dt><dd>5 events</dd>",
            "<dt>State</dt><dd>catching up</dd>",
            "<dt>Last proof</dt><dd>equal<p class=\"quiet\">at position 12,000, 3 min ago</p></dd>",
            "<code>storefold rebuild all</code>",
            "<code>?snapshot=NAME</code>",
            "Nothing was rebuilt since this process started.",
            "There is none.",
        ],
    );
    assert!(!page.contains(REFRESH) && !page.contains("warning"), "{page}");
}

#[tokio::test]
async fn a_model_without_a_proof_says_not_yet() {
    let page = shown(system(vec![ModelStatus { proof: None, ..model("sales", 12_345, None) }], Vec::new())).await;
    assert_shows(&page, &["<dt>Last proof</dt><dd>not yet</dd>", "all is well"]);
}

#[tokio::test]
async fn a_model_that_has_stopped_says_before_which_event_and_why() {
    let poisoned = Some(Poisoned { position: 4_712, sentence: "store `<script>` was never configured".to_owned() });
    let stopped = ModelStatus { poisoned, ..model("sales", 4_711, None) };
    let page = shown(system(vec![stopped, model("points", 12_345, None)], Vec::new())).await;
    assert_shows(
        &page,
        &[
            "<strong class=\"warning\">1 read model stopped</strong>",
            "<div class=\"card warning\"><h3>sales ",
            "<div class=\"card\"><h3>points ",
            "<strong class=\"warning\">stopped before position 4,712</strong>",
            "store `&lt;script&gt;` was never configured",
            "<dt>Lag</dt><dd>7,634 events</dd>",
            "<code>storefold rebuild sales</code>",
        ],
    );
    assert!(!page.contains("all is well") && !page.contains("<script>"), "{page}");
}

#[tokio::test]
async fn a_proof_that_found_a_difference_names_the_first_row() {
    let differing = model("sales", 12_345, Some("key s/A is missing"));
    let proof = rebuild(7, RebuildPurpose::Prove, RebuildState::Done, Some(false));
    let page = shown(system(vec![differing], vec![proof])).await;
    assert_shows(
        &page,
        &[
            "<strong class=\"warning\">1 read model not as the log says</strong>",
            "<strong class=\"warning\">differs</strong><p>key s/A is missing</p>",
            "at position 12,000, 3 min ago. Run <code>storefold rebuild sales</code>",
            "<p class=\"warning\">sales was not the fold of the log at position 12,000</p>",
        ],
    );
}

#[tokio::test]
async fn a_difference_is_mended_by_the_rebuild_that_came_last_and_by_no_other() {
    let differing = model("sales", 12_345, Some("key s/A is missing"));
    let (replace, prove) = (RebuildPurpose::Replace, RebuildPurpose::Prove);
    let replaced = rebuild(8, replace, RebuildState::Done, Some(false));
    let page = shown(system(vec![differing.clone()], vec![replaced.clone()])).await;
    assert_shows(&page, &["all is well", "differed, mended by rebuild 8", "at position 12,000; it is now"]);
    for last in
        [rebuild(9, prove, RebuildState::Done, Some(false)), rebuild(9, replace, RebuildState::Cancelled, Some(false))]
    {
        let page = shown(system(vec![differing.clone()], vec![last, replaced.clone()])).await;
        assert_shows(&page, &["<strong class=\"warning\">differs</strong>"]);
        assert!(!page.contains("all is well"), "{page}");
    }
}

#[tokio::test]
async fn a_rebuild_under_way_is_shown_anew_with_its_progress() {
    let folding = rebuild(3, RebuildPurpose::Replace, RebuildState::Folding, None);
    let page = shown(system(vec![model("sales", 12_345, None)], vec![folding])).await;
    assert_shows(
        &page,
        &[
            "<meta http-equiv=\"refresh\" content=\"2\">",
            "<strong>Rebuild 3</strong> of sales",
            "folding history",
            "<progress max=\"100\" value=\"25.0\" aria-label=\"Rebuild 3\">",
            "3,000 of 12,000 events · 5,100,000 events/s · 1.2 s left",
        ],
    );
}

#[tokio::test]
async fn a_rebuild_that_has_just_begun_shows_no_figures_that_it_does_not_have() {
    let begun = rebuild(3, RebuildPurpose::Replace, RebuildState::Folding, None);
    let begun = RebuildStatus { position: 0, until: 0, seconds_left: None, ..begun };
    let page = shown(system(vec![model("sales", 12_345, None)], vec![begun])).await;
    assert_shows(&page, &[REFRESH, "value=\"0.0\"", "has just begun · for 0.9 s"]);
}

#[tokio::test]
async fn rebuilds_that_have_ended_are_still_and_say_what_came_of_them() {
    let failed = RebuildStatus {
        detail: Some("the disk is full".to_owned()),
        ..rebuild(9, RebuildPurpose::Snapshot, RebuildState::Failed, None)
    };
    let mut rebuilds = vec![failed];
    rebuilds.extend((1..=8).rev().map(|id| rebuild(id, RebuildPurpose::Prove, RebuildState::Done, Some(true))));
    let page = shown(system(vec![model("sales", 12_345, None)], rebuilds)).await;
    assert_shows(
        &page,
        &[
            "<strong>Snapshot 9, “january”</strong> of sales",
            "<p class=\"warning\">the disk is full</p>",
            "events/s · took 0.9 s",
            "1 read model compared, no difference",
            "<summary>4 earlier</summary>",
        ],
    );
    assert!(!page.contains(REFRESH) && !page.contains("<progress"), "{page}");
}

#[tokio::test]
async fn snapshots_say_what_they_are_of() {
    let snapshot = |name: &str, as_of| SnapshotStatus {
        snapshot: name.to_owned(),
        as_of,
        position: 12_000,
        models: vec!["sales".to_owned(), "points".to_owned()],
        created_at_ms: NOW_MS - 7_200_000,
    };
    let time = "2026-01-31T22:59:59Z".parse().unwrap();
    let snapshots = vec![
        snapshot("all", None),
        snapshot("early", Some(AsOf::Position(4_711))),
        snapshot("january", Some(AsOf::OccurredAt(time))),
        snapshot("known", Some(AsOf::RecordedAt(time))),
    ];
    let page = shown(System { snapshots, ..system(Vec::new(), Vec::new()) }).await;
    assert_shows(
        &page,
        &[
            "<strong>all</strong> of all events",
            "<strong>early</strong> as of position 4,711",
            "<strong>january</strong> of what had occurred by 31 Jan 2026, 22:59 UTC",
            "<strong>known</strong> of what was recorded by 31 Jan 2026, 22:59 UTC",
            "position 12,000",
            "sales, points",
            "made 23 Nov 2026, 15:00 UTC, 2 h ago",
        ],
    );
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_said_first() {
    let log_error = Some("record 4 is damaged".to_owned());
    let page = shown(System { log_error, ..system(Vec::new(), Vec::new()) }).await;
    assert_shows(&page, &["<strong class=\"warning\">the log cannot be read</strong>", "record 4 is damaged"]);
}

#[tokio::test]
async fn the_page_of_the_system_is_linked_is_strict_and_loads_nothing() {
    let folding = rebuild(3, RebuildPurpose::Replace, RebuildState::Folding, None);
    let pages = Network::doing(system(vec![model("sales", 12_345, None)], vec![folding]));
    let (_, store_page) = get(&pages, "/").await;
    assert!(store_page.contains("<a href=\"/system\">System</a>"), "{store_page}");
    let response = ask(&pages, "/system").await;
    assert!(response.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let (_, page) = get(&pages, "/system").await;
    for forbidden in ["://", "style=", "<style", "onclick"] {
        assert!(!page.contains(forbidden), "`{forbidden}` is in\n{page}");
    }
    let (status, page) = get(&pages, "/system?colour=red").await;
    assert_eq!((status, page.contains("`colour` is not a parameter here")), (400, true), "{page}");
}
