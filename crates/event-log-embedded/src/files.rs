//! Which segment holds which positions.

use std::path::PathBuf;

use redb::Database;
use storefold_event_log::Head;
use storefold_events::Position;

use crate::segment;

/// The segments of a log in order.
pub(crate) struct Files {
    /// Directory of the log.
    pub(crate) dir: PathBuf,
    /// Those that are closed for good, ascending.
    pub(crate) sealed: Vec<Sealed>,
    /// The one that is appended to; none while the log is empty or the next record begins another.
    pub(crate) active: Option<Active>,
}

/// A segment that is closed for good.
pub(crate) struct Sealed {
    pub(crate) first_position: Position,
    /// Where the log ends with it.
    pub(crate) head: Head,
    /// It stands in blocks; else as it was written.
    pub(crate) is_packed: bool,
}

/// The segment that is appended to.
pub(crate) struct Active {
    pub(crate) first_position: Position,
    pub(crate) db: Database,
}

/// Where a position is to be found.
pub(crate) enum Place<'a> {
    Active(&'a Active),
    Sealed(&'a Sealed),
}

impl Files {
    /// The segment that holds a position.
    pub(crate) fn holding(&self, position: Position) -> Option<Place<'_>> {
        match &self.active {
            Some(active) if active.first_position <= position => Some(Place::Active(active)),
            _ => {
                let begun = self.sealed.partition_point(|sealed| sealed.first_position <= position);
                Some(Place::Sealed(&self.sealed[begun.checked_sub(1)?]))
            }
        }
    }

    /// Where the loose segment that begins at a position is kept.
    pub(crate) fn path(&self, first_position: Position) -> PathBuf {
        segment::path(&self.dir, first_position)
    }

    /// Where a closed segment is kept.
    pub(crate) fn path_of(&self, sealed: &Sealed) -> PathBuf {
        if sealed.is_packed {
            return segment::packed_path(&self.dir, sealed.first_position);
        }
        self.path(sealed.first_position)
    }
}
