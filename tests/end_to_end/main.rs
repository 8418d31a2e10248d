//! What holds from end to end: the real binary, HTTP, and both engines.
//!
//! The binary is the one that was built beside these tests, or the one that `STOREFOLD_BIN` names.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

/// Runs claims about an [`Engine`](crate::engine::Engine) on the embedded log and on JetStream.
macro_rules! on_both_engines {
    ($($claim:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                super::$claim($crate::engine::Engine::embedded()).await;
            })+
        }

        mod jetstream {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                super::$claim($crate::engine::Engine::jetstream().await).await;
            })+
        }
    };
}

mod deployed;
mod engine;
mod guarded;
mod in_duckdb;
mod line;
mod program;
mod test_app;
mod tills;

mod access;
mod backup;
mod backup_altered;
mod bad_input;
mod changes;
mod claims;
mod cluster;
mod cockpit;
mod cockpit_access;
mod cockpit_forms;
mod cockpit_improving;
mod copy;
mod crash;
mod dashboards;
mod demo;
mod deployment;
mod devices;
mod edge;
mod edge_policy;
mod encrypted;
mod export;
mod exported;
mod figures;
mod full_disk;
mod giving;
mod importing;
mod in_part;
mod inbox;
mod leaks;
mod limits;
mod loyalty_ahead;
mod openapi;
mod overload;
mod personal;
mod real_sales;
mod rebuild;
mod roles;
mod scanners;
mod slow;
mod store_edge;
mod stored_value;
mod tail_and_verify;
mod tenants;
mod tokens;
