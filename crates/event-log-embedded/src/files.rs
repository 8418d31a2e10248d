//! Which segment holds which positions.

use std::path::PathBuf;

use redb::Database;
use storefold_events::Position;

use crate::segment;

/// The segments of a log in order.
pub(crate) struct Files {
    /// Directory of the log.
    pub(crate) dir: PathBuf,
    /// First positions of the segments that are closed for good, ascending.
    pub(crate) sealed: Vec<Position>,
    /// The one that is appended to; none while the log is empty or the next record begins another.
    pub(crate) active: Option<Active>,
}

/// The segment that is appended to.
pub(crate) struct Active {
    pub(crate) first_position: Position,
    pub(crate) db: Database,
}

impl Files {
    /// First position of the segment that holds a position, with the segment if it is the active one.
    pub(crate) fn holding(&self, position: Position) -> Option<(Position, Option<&Database>)> {
        match &self.active {
            Some(active) if active.first_position <= position => Some((active.first_position, Some(&active.db))),
            _ => {
                let begun = self.sealed.partition_point(|first| *first <= position);
                Some((self.sealed[begun.checked_sub(1)?], None))
            }
        }
    }

    /// Where the segment that begins at a position is kept.
    pub(crate) fn path(&self, first_position: Position) -> PathBuf {
        segment::path(&self.dir, first_position)
    }
}
