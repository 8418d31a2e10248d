//! A defect says where it is, and nothing of what it was working on.
//!
//! The message of a panic is often made of data: a slice in the middle of a character shows the whole text. So only what is
//! written in the code is told, with the place.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{self, PanicHookInfo},
};

/// Tells panics so from now on.
pub fn tell_the_place_alone() {
    panic::set_hook(Box::new(|panic| tracing::error!("{}", told(panic))));
}

fn told(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "somewhere".to_owned(), ToString::to_string);
    let written = panic.payload().downcast_ref::<&'static str>().copied();
    let mut told = format!("a defect at {place}: {}", written.unwrap_or("its message may hold data and is left out"));
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        told = format!("{told}\n{backtrace}");
    }
    told
}

#[cfg(test)]
mod tests {
    use std::{
        panic,
        sync::{Arc, Mutex, PoisonError},
    };

    use super::told;

    #[test]
    fn a_panic_tells_its_place_and_nothing_of_the_data() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&heard);
        panic::set_hook(Box::new(move |panic| {
            listener.lock().unwrap_or_else(PoisonError::into_inner).push(told(panic));
        }));
        let text = String::from("é marked@x.example");
        drop(panic::catch_unwind(|| text[1..].len()));
        drop(panic::catch_unwind(|| panic!("written in the code")));
        drop(panic::take_hook());
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(heard[0].contains("panics.rs:") && !heard[0].contains("marked"), "{heard:?}");
        assert!(heard[1].contains(": written in the code"), "{heard:?}");
    }
}
