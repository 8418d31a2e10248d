//! libFuzzer over the target that `FUZZ_TARGET` names; `cargo xtask fuzz` starts it. Where `FUZZ_SEEDS` names a directory, it
//! writes there what each target begins with, says their names, and ends.
#![no_main]
#![expect(clippy::print_stdout, reason = "the names are read by who starts it")]

use std::{env, fs, io, path::Path, process, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use storefold_fuzz::{INPUT_BYTES_MAX, TARGETS, Target, target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = env::var("FUZZ_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| panic!("FUZZ_TARGET is `{name}`, which is no target"))
});

fuzz_target!(init: begin(), |bytes: &[u8]| (TARGET.run)(bytes));

fn begin() {
    let Some(directory) = env::var_os("FUZZ_SEEDS") else { return };
    match write_seeds(Path::new(&directory)) {
        Ok(()) => process::exit(0),
        Err(error) => panic!("{}: {error}", Path::new(&directory).display()),
    }
}

fn write_seeds(directory: &Path) -> io::Result<()> {
    for target in TARGETS {
        let own = directory.join(target.name);
        fs::create_dir_all(&own)?;
        for (number, seed) in (target.seeds)().iter().filter(|seed| seed.len() <= INPUT_BYTES_MAX).enumerate() {
            fs::write(own.join(format!("seed-{number}")), seed)?;
        }
        println!("{}", target.name);
    }
    Ok(())
}
