//! The first administrator, made by who can read the server's directory.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
};

use storefold_events::access::{AccessGranted, AccessLevel, PasswordSet, UserInvited};

use crate::{Desk, DeskError, passwords::fits, secrets};

/// The file below the server's data with the key that makes the first administrator.
pub const SETUP_KEY_FILE: &str = "access/setup.key";

impl Desk {
    /// Puts a key down, which only the server's own account can read, unless there is one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn prepare(&self) -> io::Result<()> {
        let path = self.0.directory.join(SETUP_KEY_FILE);
        if path.exists() {
            return Ok(());
        }
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        let key = secrets::secret().map_err(|error| io::Error::other(error.to_string()))?;
        let mut file = only_for_me().write(true).create_new(true).open(&path)?;
        file.write_all(key.as_bytes())?;
        file.sync_all()
    }

    /// Makes the first administrator for who knows the key. Sent again after it broke off midway, it does the rest.
    ///
    /// # Errors
    /// [`DeskError`]; `not_allowed` for a wrong key, `has_administrator` when there is one.
    pub(crate) async fn make_first(
        &self,
        key: &str,
        user: &str,
        name: &str,
        password: String,
    ) -> Result<(), FirstRefused> {
        let expected = fs::read_to_string(self.0.directory.join(SETUP_KEY_FILE)).map_err(|_| FirstRefused::WrongKey)?;
        if !secrets::is_same(expected.trim(), key.trim()) {
            return Err(FirstRefused::WrongKey);
        }
        fits(user, &password).map_err(|unfit| FirstRefused::Password(unfit.to_string()))?;
        let verifier = self.0.passwords.verifier(password).await;
        let verifier = verifier.map_err(|error| DeskError::Machine(error.to_string()))?;
        let user = || user.to_owned().into();
        let invited = UserInvited { user: user(), name: name.to_owned().into(), by: None };
        match self.write(vec![invited.into()]).await {
            Err(DeskError::Refused(refused)) if refused.code == "user_already_there" => {}
            outcome => drop(outcome?),
        }
        let password = PasswordSet { user: user(), verifier: verifier.into(), by: None };
        let level = AccessLevel::Administrator;
        let granted = AccessGranted { user: user(), level, organisation: None, store: None, by: None };
        self.write(vec![password.into(), granted.into()]).await?;
        Ok(())
    }
}

/// Why there is no first administrator.
pub(crate) enum FirstRefused {
    WrongKey,
    Password(String),
    Desk(DeskError),
}

impl From<DeskError> for FirstRefused {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

fn only_for_me() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
