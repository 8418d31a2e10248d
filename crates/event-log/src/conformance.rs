//! The contract of [`EventLog`](crate::EventLog) as test functions, one claim each, that every engine runs.
//!
//! An engine implements [`Bench`] and writes `storefold_event_log::conformance_tests!(bench);`, where `bench` is an
//! async function without arguments that makes one. Every claim becomes a `#[tokio::test]` of its own, on a bench of
//! its own; the engine's crate needs tokio with `macros` and `rt-multi-thread` for it. A claim that does not hold
//! panics and says what it found.
//!
//! What it is not: it does not know how an engine can be broken from below (torn files, a server that goes away).
//! Those tests are the engine's own; what they put there by their own means, where somebody has altered an archive, is
//! listed here ([`altered`]).

#![allow(clippy::expect_used, reason = "a test stops at the first surprise")]

mod bench;
pub use bench::Bench;
mod script;
pub use script::{Script, read_to, soon};

mod hostile;
pub use hostile::{Altered, altered, is_refused};

pub mod appending;
pub mod history;
pub mod racing;
pub mod refusing;
pub mod restarting;
pub mod retrying;
pub mod tailing;

/// Makes every claim of the contract a test of the crate that calls it; see [`conformance`](crate::conformance).
#[macro_export]
macro_rules! conformance_tests {
    ($bench:path) => {
        $crate::conformance_tests! { $bench:
            appending::an_empty_log_ends_at_zero_and_gives_its_first_record_to_those_who_wait,
            appending::records_are_read_back_in_order_and_byte_for_byte,
            appending::positions_and_sequences_have_no_gaps,
            appending::the_largest_records_fit,
            appending::the_watch_moves_with_every_append,
            refusing::a_stale_expectation_conflicts_and_writes_nothing,
            refusing::an_expectation_too_low_conflicts_and_writes_nothing,
            refusing::an_expectation_too_high_conflicts_and_writes_nothing,
            refusing::a_record_at_another_position_is_refused,
            refusing::a_record_that_names_another_record_before_it_is_refused,
            refusing::a_record_of_another_tenant_is_refused,
            refusing::an_oversized_record_is_refused_with_its_limit,
            retrying::a_retry_after_a_lost_answer_answers_the_same_head_and_writes_nothing,
            retrying::a_retry_after_a_restart_answers_the_same_head_and_writes_nothing,
            retrying::another_record_with_the_same_expectation_is_no_retry,
            retrying::an_old_record_is_no_retry,
            retrying::an_append_given_up_halfway_is_written_whole_or_not_at_all,
            racing::of_two_racing_writers_exactly_one_wins_each_sequence,
            racing::a_writer_that_lost_stays_out_until_it_reads_the_head_again,
            tailing::a_tail_from_every_position_has_no_gap_and_no_repeat,
            tailing::a_tail_at_the_head_gets_the_next_record,
            tailing::a_tail_beyond_the_head_is_refused,
            tailing::a_long_history_is_read_to_its_end_and_on,
            tailing::tails_that_start_far_behind_a_busy_writer_catch_up,
            tailing::tails_that_join_a_busy_log_miss_nothing,
            tailing::a_tail_given_up_halfway_goes_on_without_loss,
            history::the_history_holds_the_records_that_were_written,
            history::a_slab_is_found_for_every_position_and_none_beyond_the_end,
            restarting::everything_is_there_after_a_restart,
            restarting::a_writer_goes_on_after_a_restart,
            restarting::a_tail_from_every_position_reads_what_a_restart_kept,
        }
    };
    ($bench:path: $($area:ident::$claim:ident),+ $(,)?) => {
        $(#[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $claim() {
            $crate::conformance::$area::$claim(&$bench().await).await;
        })+
    };
}

#[cfg(test)]
mod tests {
    const LIST: &str = include_str!("conformance.rs");
    const AREAS: [(&str, &str); 7] = [
        ("appending", include_str!("conformance/appending.rs")),
        ("refusing", include_str!("conformance/refusing.rs")),
        ("retrying", include_str!("conformance/retrying.rs")),
        ("racing", include_str!("conformance/racing.rs")),
        ("tailing", include_str!("conformance/tailing.rs")),
        ("history", include_str!("conformance/history.rs")),
        ("restarting", include_str!("conformance/restarting.rs")),
    ];

    #[test]
    fn the_list_names_every_claim() {
        let claims = AREAS.iter().flat_map(|(area, text)| {
            let names = text.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next());
            names.map(move |name| format!("            {area}::{name},"))
        });
        let missing: Vec<String> = claims.filter(|entry| !LIST.lines().any(|line| line == entry)).collect();
        assert_eq!(missing, Vec::<String>::new());
    }
}
