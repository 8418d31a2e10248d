//! Tokens, by which machines are known.

use storefold_events::access::{TokenIssued, TokenRevoked, TokenRight};
use storefold_http_kit::Problem;
use storefold_projector_access::tokens::{ListedToken, all_tokens};

use crate::{Desk, DeskError, Viewer, secrets};

const MS_PER_DAY: i64 = 24 * 60 * 60 * 1_000;

/// What a token is for.
#[derive(Clone, Debug, Default)]
pub struct TokenFor {
    /// What it may be used for.
    pub rights: Vec<TokenRight>,
    /// The organisation that it may look at, with those below it.
    pub organisation: Option<String>,
    /// The one store that it may look at and send events of; with neither, the network.
    pub store: Option<String>,
    /// The only producers that it may send as; any when there is none.
    pub sources: Vec<String>,
    /// The only read models that it may look at; all when there is none.
    pub models: Vec<String>,
    /// In how many days it ends; never by itself when there is none.
    pub days: Option<u32>,
}

impl Desk {
    /// Issues a token, and answers its secret, which is kept nowhere.
    ///
    /// # Errors
    /// A problem that can be shown.
    pub async fn issue_token(&self, viewer: &Viewer, token: &str, what_for: TokenFor) -> Result<String, Problem> {
        let by = administering(viewer)?;
        let TokenFor { rights, organisation, store, sources, models, days } = what_for;
        self.known_models(&models)?;
        let secret = secrets::secret().map_err(Problem::internal)?;
        let texts = |names: Vec<String>| names.into_iter().map(Into::into).collect();
        let issued = TokenIssued {
            token: token.to_owned().into(),
            digest: secrets::digest(&secret).into(),
            rights,
            organisation: organisation.map(Into::into),
            until_ms: days.map(|days| self.now_ms() + i64::from(days) * MS_PER_DAY),
            by: by.into(),
            sources: texts(sources),
            store: store.map(Into::into),
            models: texts(models),
        };
        self.write(vec![issued.into()]).await?;
        Ok(secret)
    }

    /// Revokes a token: it opens nothing any more, at once.
    ///
    /// # Errors
    /// A problem that can be shown.
    pub async fn revoke_token(&self, viewer: &Viewer, token: &str) -> Result<(), Problem> {
        let by = administering(viewer)?.into();
        self.write(vec![TokenRevoked { token: token.to_owned().into(), by }.into()]).await?;
        Ok(())
    }

    /// Every token that was issued, by name.
    ///
    /// # Errors
    /// When the rows cannot be read.
    pub fn tokens(&self) -> Result<Vec<ListedToken>, DeskError> {
        Ok(self.look_up(all_tokens)?)
    }
}

/// In whose name tokens are issued and revoked; the domain asks whether he may.
fn administering(viewer: &Viewer) -> Result<String, Problem> {
    if viewer.administers_tokens() {
        return Ok(viewer.audited_as());
    }
    Err(Problem::forbidden("this is for administrators, and for tokens with the right `administer`"))
}
