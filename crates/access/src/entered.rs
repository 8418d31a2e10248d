//! Signing in and out.

use std::{net::IpAddr, time::Duration};

use storefold_events::access::{SignedIn, SignedOut};
use storefold_projector_access::user;
use thiserror::Error;

use crate::{Desk, DeskError, secrets};

/// How long a session lasts, in ms: a working day.
pub const SESSION_MS: i64 = 12 * 60 * 60 * 1_000;

/// A session that has begun.
pub struct SignedInNow {
    /// The secret that proves it; kept by the browser alone.
    pub secret: String,
    /// When it ends by itself, in ms since 1970 UTC (exclusive).
    pub until_ms: i64,
}

/// Why nobody has signed in. It does not say whether the name or the password is wrong.
#[derive(Debug, Error)]
pub enum SignInRefused {
    /// One of them is wrong.
    #[error("the name or the password is wrong")]
    Wrong,
    /// Too many failures came before.
    #[error("there were too many failures; try again in {retry_after_s} s")]
    Wait {
        /// When to try again.
        retry_after_s: u32,
    },
    /// It cannot be done just now.
    #[error(transparent)]
    Failed(#[from] DeskError),
}

impl Desk {
    /// Begins a session of a user who knows the password.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn sign_in(
        &self,
        name: &str,
        password: String,
        from: Option<IpAddr>,
    ) -> Result<SignedInNow, SignInRefused> {
        let (name, address) = (name.trim().to_lowercase(), from.map_or_else(String::new, |from| from.to_string()));
        if let Some(wait) = self.0.attempts.wait(&name, &address) {
            return Err(SignInRefused::Wait { retry_after_s: whole_seconds(wait) });
        }
        // Counted before it is checked: who sends a thousand at once has a thousand failures.
        self.0.attempts.failed(&name, &address);
        let found = self.look_up(|view| user(view, &name)).map_err(DeskError::from)?;
        if !self.0.passwords.is(password, found.and_then(|user| user.verifier)).await {
            tracing::info!(address, "a sign-in failed");
            return Err(SignInRefused::Wrong);
        }
        self.0.attempts.succeeded(&name, &address);
        let secret = secrets::secret().map_err(|error| DeskError::Machine(error.to_string()))?;
        let until_ms = self.now_ms() + SESSION_MS;
        let address = from.map(|from| from.to_string().into());
        let session = secrets::digest(&secret).into();
        self.write(vec![SignedIn { user: name.into(), session, until_ms, address }.into()]).await?;
        Ok(SignedInNow { secret, until_ms })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`DeskError`]; it stands then.
    pub async fn sign_out(&self, user: &str, secret: &str) -> Result<(), DeskError> {
        let (user, session) = (user.to_owned(), Some(secrets::digest(secret).into()));
        self.write(vec![SignedOut { user: user.clone().into(), session, by: user.into() }.into()]).await.map(drop)
    }
}

fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}
