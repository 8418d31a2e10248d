//! A directory with a log, and the bench over it.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use storefold_event_log::{
    EventLog, Tenant,
    conformance::{Bench, Script},
};
use storefold_event_log_embedded::{EmbeddedLog, OpenError, Settings};
use tempfile::TempDir;
use tokio::sync::Mutex;

/// A directory of its own, deleted in the end.
pub struct Place {
    pub dir: TempDir,
    settings: Settings,
    log: Mutex<Option<Arc<EmbeddedLog>>>,
}

impl Place {
    pub fn new(settings: Settings) -> Self {
        Self { dir: TempDir::new().unwrap(), settings, log: Mutex::new(None) }
    }

    /// With segments as every user has them.
    pub fn usual() -> Self {
        Self::new(Settings::default())
    }

    /// The same files as a process finds them that starts after this one was killed here.
    pub fn killed(&self) -> Self {
        self.killed_with(self.settings)
    }

    /// The same, and the process keeps the log in another way.
    pub fn killed_with(&self, settings: Settings) -> Self {
        loop {
            let copy = Self::new(settings);
            fs::create_dir(copy.log_dir()).unwrap();
            let files = self.files();
            let copied = files
                .iter()
                .try_for_each(|file| fs::copy(file, copy.log_dir().join(file.file_name().unwrap())).map(drop));
            match copied {
                // While this process goes on packing, files come and go, and no moment has them as they were copied.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                copied if self.files() == files => {
                    copied.unwrap();
                    return copy;
                }
                _ => {}
            }
        }
    }

    pub fn log_dir(&self) -> PathBuf {
        self.dir.path().join(self.tenant().as_str())
    }

    /// Every file of the log, by name.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<_> = fs::read_dir(self.log_dir()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    /// The segments, oldest first.
    pub fn segments(&self) -> Vec<PathBuf> {
        self.files().into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "redb")).collect()
    }

    /// The segments that are packed, oldest first.
    pub fn packed(&self) -> Vec<PathBuf> {
        self.files().into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "packed")).collect()
    }

    pub fn try_open(&self) -> Result<EmbeddedLog, OpenError> {
        EmbeddedLog::open_with(self.dir.path(), &self.tenant(), self.settings)
    }

    /// A writer at the end of the log.
    pub async fn script(&self) -> Script {
        Script::new(self, self.open().await).await
    }

    /// Waits until every closed segment is packed.
    pub async fn pack(&self) {
        if let Some(log) = &*self.log.lock().await {
            log.packed().await;
        }
    }

    pub async fn close(&self) {
        if let Some(log) = self.log.lock().await.take() {
            log.close().await.unwrap();
        }
    }
}

#[async_trait]
impl Bench for Place {
    fn tenant(&self) -> Tenant {
        Tenant::new("conformance").unwrap()
    }

    async fn open(&self) -> Arc<dyn EventLog> {
        let mut log = self.log.lock().await;
        if log.is_none() {
            *log = Some(Arc::new(self.try_open().unwrap()));
        }
        log.as_ref().unwrap().clone()
    }

    async fn reopen(&self) -> Arc<dyn EventLog> {
        self.close().await;
        self.open().await
    }
}

/// Every file of a log with what it holds.
pub fn contents(place: &Place) -> Vec<(PathBuf, Vec<u8>)> {
    let read = |file: PathBuf| (file.clone(), fs::read(&file).unwrap());
    place.files().into_iter().map(read).collect()
}

/// Changes one bit of the last place in the file where these bytes stand.
pub fn flip_a_bit_of(bytes: &[u8], file: &Path) {
    let mut content = fs::read(file).unwrap();
    let at = content.windows(bytes.len()).rposition(|window| window == bytes).unwrap();
    content[at + bytes.len() / 2] ^= 1;
    fs::write(file, content).unwrap();
}
