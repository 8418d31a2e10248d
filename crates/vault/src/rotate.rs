//! Another master key: every key is wrapped anew.

use std::path::Path;

use crate::{
    FILE, MasterKey, VaultError,
    file::{KeyFile, beside},
    slot::Kind,
};

/// Wraps every key of the vault in a directory with another master key. The new file takes the place of the old at once:
/// interrupted, the old one still holds, and it is begun anew. Answers how many keys there are. `done` is told after each
/// slot how many of how many were looked at.
///
/// # Errors
/// [`VaultError`]; the old master key holds then.
pub fn rotate(
    directory: &Path,
    tenant: &str,
    old: &MasterKey,
    new: &MasterKey,
    mut done: impl FnMut(u32, u32),
) -> Result<u32, VaultError> {
    let path = directory.join(FILE);
    if !path.exists() {
        return Err(VaultError::NotAVault(path));
    }
    let file = KeyFile::open(&path, tenant, &old.0)?;
    let fresh = KeyFile::create(&beside(&path), tenant, &new.0, &file.hash_key)?;
    fresh.set_followed(file.followed()?)?;
    let (last, mut keys, mut failed) = (file.last()?, 0, None);
    file.each(|number, slot| {
        if failed.is_some() {
            return;
        }
        // A damaged slot stays one: a hole, so that the numbers after it stay the same.
        let Some(mut slot) = slot else { return };
        if slot.kind != Kind::Link && slot.erased_at_ms.is_none() {
            match slot.unwrap(&old.0, tenant, number) {
                Some(key) => slot.wrap(&key, &new.0, tenant, number),
                None => failed = Some(VaultError::WrongMasterKey(path.clone())),
            }
            keys += 1;
        }
        if let Err(error) = fresh.write(number, &slot) {
            failed = Some(error);
        }
        done(number, last);
    })?;
    match failed {
        Some(error) => Err(error),
        None => fresh.take_the_place_of(&path).map(|()| keys),
    }
}
