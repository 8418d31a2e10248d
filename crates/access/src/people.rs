//! Users: created, looked after, with passwords of their own.

use axum::http::{HeaderMap, HeaderValue};
use storefold_events::access::{AccessGranted, AccessRevoked, PasswordSet, SignedOut, UserInvited};
use storefold_http_kit::Problem;
use storefold_projector_access::{
    Grant, session,
    users::{ListedUser, all_users},
};

use crate::{
    Desk, DeskError, Viewer,
    door::{session_cookie, session_secret},
    passwords::fits,
    secrets,
};

impl Desk {
    /// Creates a user with a place, and answers the password, which is kept nowhere.
    ///
    /// # Errors
    /// A problem that can be shown.
    pub async fn create_user(
        &self,
        viewer: &Viewer,
        user: &str,
        name: String,
        grant: Grant,
    ) -> Result<String, Problem> {
        let by = acting(viewer)?;
        // The domain says the same; asked here before anything is written, so that no user is left without a place.
        if !viewer.manages(std::slice::from_ref(&grant)).map_err(Problem::internal)? {
            return Err(Problem::forbidden(format_args!(
                "you cannot grant {}; a Manager creates Standard users within his own places",
                grant.place()
            )));
        }
        let secret = secrets::password().map_err(Problem::internal)?;
        let invited = UserInvited { user: user.to_owned().into(), name: name.into(), by: Some(by.clone().into()) };
        let granted = AccessGranted {
            user: user.to_owned().into(),
            level: grant.level,
            organisation: grant.organisation.map(Into::into),
            store: grant.store.map(Into::into),
            by: Some(by.clone().into()),
        };
        let verifier = self.verifier(&secret).await?;
        let set = PasswordSet { user: user.to_owned().into(), verifier: verifier.into(), by: Some(by.into()) };
        self.write(vec![invited.into(), granted.into(), set.into()]).await?;
        Ok(secret)
    }

    /// Grants a user a place; a grant of another level for the same place takes its place.
    ///
    /// # Errors
    /// A problem that can be shown.
    pub async fn grant(&self, viewer: &Viewer, user: &str, grant: Grant) -> Result<(), Problem> {
        let by = Some(acting(viewer)?.into());
        let Grant { organisation, store, level } = grant;
        let (organisation, store) = (organisation.map(Into::into), store.map(Into::into));
        let granted = AccessGranted { user: user.to_owned().into(), level, organisation, store, by };
        self.write(vec![granted.into()]).await?;
        Ok(())
    }

    /// Takes a place away from a user, at once.
    ///
    /// # Errors
    /// A problem that can be shown.
    pub async fn revoke(
        &self,
        viewer: &Viewer,
        user: &str,
        organisation: Option<String>,
        store: Option<String>,
    ) -> Result<(), Problem> {
        let by = acting(viewer)?.into();
        let (organisation, store) = (organisation.map(Into::into), store.map(Into::into));
        let revoked = AccessRevoked { user: user.to_owned().into(), organisation, store, by };
        self.write(vec![revoked.into()]).await?;
        Ok(())
    }

    /// Makes a new password for a user, and answers it; it is kept nowhere, and every session of the user ends.
    ///
    /// # Errors
    /// A problem that can be shown.
    pub async fn new_password(&self, viewer: &Viewer, user: &str) -> Result<String, Problem> {
        let by = acting(viewer)?.into();
        let secret = secrets::password().map_err(Problem::internal)?;
        let verifier = self.verifier(&secret).await?.into();
        self.write(vec![PasswordSet { user: user.to_owned().into(), verifier, by: Some(by) }.into()]).await?;
        Ok(secret)
    }

    /// Ends every session of a user, at once.
    ///
    /// # Errors
    /// A problem that can be shown.
    pub async fn end_sessions(&self, viewer: &Viewer, user: &str) -> Result<(), Problem> {
        let by = acting(viewer)?.into();
        self.write(vec![SignedOut { user: user.to_owned().into(), session: None, by }.into()]).await?;
        Ok(())
    }

    /// The users that somebody looks after, himself included.
    ///
    /// # Errors
    /// When the rows cannot be read.
    pub fn users_of(&self, viewer: &Viewer) -> Result<Vec<ListedUser>, DeskError> {
        let mut users = self.look_up(all_users)?;
        let mut failed = None;
        users.retain(|user| {
            let places: Vec<_> = user.grants.iter().map(Grant::from).collect();
            viewer.manages(&places).unwrap_or_else(|error| {
                failed = Some(error);
                false
            })
        });
        failed.map_or(Ok(users), |error| Err(error.into()))
    }

    /// Has a browser keep the secret of a session, or forget it when there is none.
    pub fn session_cookie(&self, headers: &HeaderMap, secret: Option<&str>) -> Option<HeaderValue> {
        session_cookie(headers, secret)
    }

    /// Ends the session that a browser sends.
    ///
    /// # Errors
    /// [`DeskError`]; it stands then.
    pub async fn sign_out_of(&self, headers: &HeaderMap) -> Result<(), DeskError> {
        let Some(secret) = session_secret(headers) else { return Ok(()) };
        let digest = secrets::digest(secret);
        match self.look_up(|view| session(view, &digest))? {
            Some(found) => self.sign_out(&found.user.user, secret).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn verifier(&self, password: &str) -> Result<String, Problem> {
        self.0.passwords.verifier(password.to_owned()).await.map_err(Problem::internal)
    }

    /// Sets a password that a user has chosen, who knows the one before.
    ///
    /// # Errors
    /// A problem that can be shown to the user.
    pub async fn change_password(&self, user: &str, old: String, new: String) -> Result<(), Problem> {
        let found = self.look_up(|view| storefold_projector_access::user(view, user)).map_err(DeskError::from)?;
        if !self.0.passwords.is(old, found.and_then(|user| user.verifier)).await {
            return Err(Problem::refused(
                "wrong_password",
                Some("old".to_owned()),
                "the password of now is wrong; type it again",
            ));
        }
        fits(user, &new).map_err(|unfit| {
            Problem::refused("password_unfit", Some("new".to_owned()), format_args!("the new password {unfit}"))
        })?;
        let verifier = self.verifier(&new).await?;
        let set =
            PasswordSet { user: user.to_owned().into(), verifier: verifier.into(), by: Some(user.to_owned().into()) };
        self.write(vec![set.into()]).await?;
        Ok(())
    }
}

/// The user in whose name something is changed: a person.
pub(crate) fn acting(viewer: &Viewer) -> Result<String, Problem> {
    let user = viewer.user().map(str::to_owned);
    user.ok_or_else(|| Problem::forbidden("a token changes no access; sign in to do this"))
}
