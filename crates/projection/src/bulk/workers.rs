//! Threads that work side by side.

use std::{sync::Arc, thread};

use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};

use storefold_event_log::priority::stand_behind;

/// Threads that are kept as long as there is work for them. They have the priority of the thread that began them, or less.
#[derive(Clone)]
pub(crate) struct Workers {
    threads: usize,
    /// None when one is enough, or when the system has no more: the work is done by whoever asks for it then.
    pool: Option<Arc<ThreadPool>>,
}

impl Workers {
    /// So many threads of this name.
    pub(crate) fn new(name: &'static str, threads: usize) -> Self {
        Self::behind(0, name, threads)
    }

    /// A thread of this name for every processor.
    pub(crate) fn on_every_processor(name: &'static str) -> Self {
        Self::new(name, processors())
    }

    /// A thread of this name for every processor, each so far behind the thread that begins them.
    pub(crate) fn on_every_processor_behind(by: i32, name: &'static str) -> Self {
        Self::behind(by, name, processors())
    }

    fn behind(by: i32, name: &'static str, threads: usize) -> Self {
        let pool = || {
            let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(|_| name.to_owned());
            pool.start_handler(move |_| {
                if by > 0 {
                    stand_behind(by);
                }
            })
            .build()
            .ok()
        };
        Self { threads, pool: if threads > 1 { pool().map(Arc::new) } else { None } }
    }

    /// How many they are.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// Does the same with every item, and answers in the order of the items.
    ///
    /// # Panics
    /// When the work panics.
    pub(crate) fn side_by_side<T: Send, R: Send>(&self, items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
        match &self.pool {
            Some(pool) if items.len() > 1 => pool.install(|| items.into_par_iter().with_max_len(1).map(work).collect()),
            _ => items.into_iter().map(work).collect(),
        }
    }
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
