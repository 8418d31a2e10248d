//! libFuzzer over the target that `FUZZ_TARGET` names; `cargo xtask fuzz` starts it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use storefold_fuzz::{Target, target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| panic!("FUZZ_TARGET is `{name}`, which is no target"))
});

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
