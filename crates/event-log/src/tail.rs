//! Reading a log: every record is checked against the one before (invariant 2), and against whose log it is.

use storefold_events::Position;

use crate::{Hash, ReadError, Record, TailSource, Tenant};

/// Records from a position on. The first may begin before that position: a reader skips what it has.
pub struct Tail {
    source: Box<dyn TailSource>,
    tenant: Tenant,
    after: Position,
    last: Option<Link>,
}

struct Link {
    position: Position,
    hash: Hash,
}

impl Tail {
    /// Checks what `source` reads of a tenant's log from the record that holds `after + 1` on.
    pub fn new(source: Box<dyn TailSource>, tenant: Tenant, after: Position) -> Self {
        Self { source, tenant, after, last: None }
    }

    /// The next records in order, at least one; waits as long as there is none. Cancel-safe.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] at the first record that does not follow the one before, or is another tenant's; it stays so.
    pub async fn next(&mut self) -> Result<Vec<Record>, ReadError> {
        let records = self.source.next().await?;
        for record in &records {
            self.follow(record)?;
        }
        Ok(records)
    }

    fn follow(&mut self, record: &Record) -> Result<(), ReadError> {
        let header = record.header();
        let damaged = |after, detail| Err(ReadError::Damaged { after, detail });
        match &self.last {
            None if header.first_position > self.after + 1 || record.last_position() <= self.after => {
                let found = format!(
                    "a record of {}..={} where {} belongs",
                    header.first_position,
                    record.last_position(),
                    self.after + 1
                );
                return damaged(self.after, found);
            }
            Some(last) if header.first_position != last.position + 1 => {
                return damaged(last.position, format!("the next record begins at {}", header.first_position));
            }
            Some(last) if header.previous_hash != last.hash => {
                return damaged(last.position, "the next record names another record before it".to_owned());
            }
            None if header.first_position == 1 && header.previous_hash != Hash::default() => {
                return damaged(0, "the first record names a record before it".to_owned());
            }
            _ if header.tenant != self.tenant => {
                let after = self.last.as_ref().map_or(self.after, |last| last.position);
                return damaged(
                    after,
                    format!("the next record is of the tenant {}, not {}", header.tenant, self.tenant),
                );
            }
            _ => {}
        }
        self.last = Some(Link { position: record.last_position(), hash: record.hash() });
        Ok(())
    }
}
