//! Packing closed segments, one at a time, beside everything else.
//!
//! A closed segment is read, its chain is checked, and its records are written as blocks to a file beside it; that one is
//! fsynced, read again and checked, and renamed into place; then the loose one is removed. A crash before the rename
//! leaves an unfinished file, which the next opening deletes; a crash after it leaves both, and the next opening keeps
//! the packed one if it is whole. A segment that cannot be packed stays loose.

use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use storefold_event_log::{
    Block, Head, Packer,
    priority::{self, stand_behind},
};
use storefold_events::Position;

use crate::{
    fault::Fault,
    packed::{self, PackedSegment, PackedWriter},
    segment,
    shared::Shared,
};

/// A closed segment to pack.
struct Job {
    dir: PathBuf,
    tenant: String,
    first_position: Position,
    /// Where the log ended before the segment, and where it ends with it.
    before: Head,
    head: Head,
    /// Where it is written until it is whole.
    unfinished: PathBuf,
}

/// Packs what is closed, on a thread of its own that the scheduler serves last.
pub(crate) fn begin(shared: &Arc<Shared>) {
    let (packing, shared) = (shared.packing.clone(), Arc::downgrade(shared));
    let begun = thread::Builder::new().name("storefold-pack".to_owned()).spawn(move || {
        stand_behind(priority::LAST);
        run(&shared, &packing);
    });
    // Without a thread the segments stay loose until the next one is closed.
    drop(begun);
}

/// Packs what is closed; whoever comes second waits. Holds on to the log for moments only, so that dropping it closes it.
pub(crate) fn run(shared: &Weak<Shared>, packing: &Mutex<()>) {
    let _one_at_a_time = packing.lock().unwrap_or_else(PoisonError::into_inner);
    let mut failed = Vec::new();
    while let Some(job) = shared.upgrade().and_then(|shared| shared.to_pack(&failed)) {
        let is_wanted = || shared.upgrade().is_some_and(|shared| shared.head().is_ok());
        let packed = catch_unwind(AssertUnwindSafe(|| job.write(&is_wanted))).unwrap_or_else(|_| Err(broken()));
        let placed = packed.and_then(|()| match shared.upgrade() {
            Some(shared) => shared.put_packed_in_place(&job).map_err(|error| Fault::from_io(&error)),
            None => Ok(()),
        });
        if placed.is_err() {
            // What is left of it takes room; if it cannot be removed now, the next opening does.
            let _ = fs::remove_file(&job.unfinished);
            failed.push(job.first_position);
        }
    }
}

/// A name that no other packing uses: one of a log that was dropped may still be at work beside that of the next opening.
fn unfinished(dir: &Path, first_position: Position) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    segment::packed_path(dir, first_position).with_extension(format!("{process}-{count}.packed.new"))
}

impl Job {
    /// Writes the packed segment beside the loose one, durably.
    fn write(&self, is_wanted: &dyn Fn() -> bool) -> Result<(), Fault> {
        let loose = segment::open_sealed(&segment::path(&self.dir, self.first_position))?;
        let mut writer = PackedWriter::create(&self.unfinished).map_err(|error| Fault::from_io(&error))?;
        let mut write = |block: &Block| {
            if !is_wanted() {
                return Err(Fault::Unavailable("the log was closed".to_owned()));
            }
            writer.write(block).map_err(|error| Fault::from_io(&error))
        };
        let (mut packer, mut chain) = (Packer::default(), self.before);
        while chain.position < self.head.position {
            for record in segment::slice(&loose, chain.position)? {
                packed::follow(&mut chain, &record)?;
                packer.push(record).map_or(Ok(()), |block| write(&block))?;
            }
        }
        packer.finish().map_or(Ok(()), |block| write(&block))?;
        if chain != self.head {
            return Err(Fault::Damaged("the next segment follows another record".to_owned()));
        }
        writer.finish(&self.tenant, self.before.sequence).map_err(|error| Fault::from_io(&error))?;
        PackedSegment::open(&self.unfinished)?.verify()
    }
}

impl Shared {
    /// The oldest closed segment that is loose, but for those that failed.
    fn to_pack(&self, failed: &[Position]) -> Option<Job> {
        self.head().ok()?;
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let is_open = |(_, sealed): &(usize, &crate::files::Sealed)| {
            !sealed.is_packed && !failed.contains(&sealed.first_position)
        };
        let (index, sealed) = files.sealed.iter().enumerate().find(is_open)?;
        let before = index.checked_sub(1).map_or_else(Head::default, |before| files.sealed[before].head);
        Some(Job {
            dir: files.dir.clone(),
            tenant: self.tenant.to_string(),
            first_position: sealed.first_position,
            before,
            head: sealed.head,
            unfinished: unfinished(&files.dir, sealed.first_position),
        })
    }

    /// Readers find the packed segment from now on; those that have the loose one open read it to its end.
    fn put_packed_in_place(&self, job: &Job) -> io::Result<()> {
        let packed_path = segment::packed_path(&job.dir, job.first_position);
        if self.head().is_err() {
            return fs::remove_file(&job.unfinished);
        }
        fs::rename(&job.unfinished, packed_path)?;
        segment::sync_dir(&job.dir)?;
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(sealed) = files.sealed.iter_mut().find(|sealed| sealed.first_position == job.first_position) {
            sealed.is_packed = true;
        }
        drop(files);
        fs::remove_file(segment::path(&job.dir, job.first_position))
    }
}

fn broken() -> Fault {
    Fault::Damaged("its pages do not hold together".to_owned())
}
