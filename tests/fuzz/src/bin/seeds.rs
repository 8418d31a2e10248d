//! Writes what each target begins with, a directory a target, and says their names; `cargo xtask fuzz` starts it.
#![expect(clippy::print_stdout, reason = "the names are read by who starts it")]

use std::{fs, io, path::PathBuf};

use storefold_fuzz::{INPUT_BYTES_MAX, TARGETS};

fn main() -> io::Result<()> {
    let directory = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "seeds".into()));
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
