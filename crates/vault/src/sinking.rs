//! The thread that makes slots durable: one fsync for all that were written meanwhile.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::watch;

use crate::{VaultError, file::KeyFile};

/// Before a disk that refused is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Up to which slot the file is durable, or why it cannot be just now.
pub(crate) type Sunk = Result<u32, String>;

/// What is to be made durable.
#[derive(Default)]
struct Wanted {
    last: u32,
    ended: bool,
}

/// Talks to the thread, which has ended when this is dropped.
pub(crate) struct Sinker {
    wanted: Arc<(Mutex<Wanted>, Condvar)>,
    sunk: watch::Receiver<Sunk>,
    thread: Option<JoinHandle<()>>,
}

impl Sinker {
    /// Starts the thread; everything up to `last` is durable already.
    pub(crate) fn start(file: Arc<KeyFile>, last: u32) -> Result<Self, VaultError> {
        let wanted = Arc::new((Mutex::new(Wanted { last, ended: false }), Condvar::new()));
        let (done, sunk) = watch::channel(Ok(last));
        let (asked, path) = (Arc::clone(&wanted), file.path.clone());
        let spawned = thread::Builder::new().name("vault".to_owned()).spawn(move || run(&file, &asked, &done, last));
        let thread = Some(spawned.map_err(VaultError::file(path))?);
        Ok(Self { wanted, sunk, thread })
    }

    /// Asks for everything up to a slot.
    pub(crate) fn ask(&self, last: u32) {
        let (wanted, woken) = &*self.wanted;
        let mut wanted = wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.last < last {
            wanted.last = last;
            woken.notify_one();
        }
    }

    /// Waits until a slot is durable.
    pub(crate) async fn wait(&self, number: u32) -> Result<(), VaultError> {
        let mut sunk = self.sunk.clone();
        let reached = sunk.wait_for(|sunk| sunk.as_ref().map_or(true, |last| *last >= number)).await;
        let reached = reached.map_err(|_| VaultError::NotDurable("the thread of the vault has ended".to_owned()))?;
        reached.as_ref().map(drop).map_err(|error| VaultError::NotDurable(error.clone()))
    }
}

impl Drop for Sinker {
    fn drop(&mut self) {
        let (wanted, woken) = &*self.wanted;
        wanted.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        woken.notify_one();
        // It holds the file, which whoever comes next may open at once.
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Ends when it is told to and everything is durable, or cannot be.
fn run(file: &KeyFile, asked: &(Mutex<Wanted>, Condvar), done: &watch::Sender<Sunk>, mut sunk: u32) {
    let (wanted, woken) = asked;
    loop {
        let held = wanted.lock().unwrap_or_else(PoisonError::into_inner);
        let more = woken.wait_while(held, |wanted| wanted.last == sunk && !wanted.ended);
        let (last, ended) = {
            let wanted = more.unwrap_or_else(PoisonError::into_inner);
            (wanted.last, wanted.ended)
        };
        if last == sunk {
            return;
        }
        match file.sync() {
            Ok(()) => {
                drop(done.send_replace(Ok(last)));
                sunk = last;
            }
            Err(error) => {
                tracing::error!(%error, "keys could not be made durable; trying again");
                drop(done.send_replace(Err(error.to_string())));
                if ended {
                    return;
                }
                // Whoever ends it does not wait for the pause.
                let held = wanted.lock().unwrap_or_else(PoisonError::into_inner);
                drop(woken.wait_timeout_while(held, PAUSE, |wanted| !wanted.ended));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::File,
        io,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
    };

    use super::Sinker;
    use crate::{
        VaultError,
        file::KeyFile,
        keys::Key,
        slot::{Kind, Slot},
    };

    /// Syncs that fail before one goes well.
    static FAILS: AtomicU32 = AtomicU32::new(0);

    fn fails_at_first(file: &File) -> io::Result<()> {
        match FAILS.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
            Ok(_) => Err(io::Error::from(io::ErrorKind::StorageFull)),
            Err(_) => file.sync_data(),
        }
    }

    #[tokio::test]
    async fn a_disk_that_was_full_costs_a_wait_and_no_start() -> Result<(), VaultError> {
        let directory = tempfile::tempdir().expect("a directory");
        let file = KeyFile::open(&directory.path().join("keys"), "demo", &Key::random()?)?;
        file.syncs_by(fails_at_first);
        FAILS.store(u32::MAX, Ordering::Relaxed);
        let file = Arc::new(file);
        let sinker = Sinker::start(Arc::clone(&file), 0)?;
        file.write(1, &Slot::new(Kind::Customer, [1; 16]))?;
        sinker.ask(1);
        let refused = sinker.wait(1).await.map_err(|error| error.to_string());
        assert!(refused.as_ref().is_err_and(|error| error.contains("no storage space")), "{refused:?}");
        FAILS.store(0, Ordering::Relaxed);
        let mut sunk = sinker.sunk.clone();
        sunk.wait_for(|sunk| sunk.as_ref().is_ok_and(|last| *last == 1)).await.expect("it tries again");
        assert!(sinker.wait(1).await.is_ok());
        Ok(())
    }
}
