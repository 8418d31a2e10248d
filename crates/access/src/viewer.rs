//! Somebody who is asking, and how far he sees.

use std::sync::Arc;

use storefold_events::{
    access::{AccessLevel, TOKEN_PREFIX, TokenRight},
    store::is_of,
};
use storefold_http_kit::SendsOnly;
use storefold_projection::{Place, Projector, QueryError, Reach, StoresSeen, UseOfModel, ask_rows};
use storefold_projector_access::{Grant, Policy, Token, User, organisation_of, policy_of, stores};
use storefold_projector_store_performance::{StorePerformance, stores_of_scanner};

use crate::Desk;

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A person who has signed in.
    User {
        /// The name that is signed in with.
        user: String,
        /// The name for people.
        name: String,
    },
    /// A machine, by the name of its token.
    Token(String),
}

/// Somebody who is asking, with what he may do and see at this moment.
#[derive(Clone)]
pub struct Viewer {
    who: Who,
    grants: Vec<Grant>,
    /// What the contract of each place allows, in the order of the grants; a place without one allows all.
    contracts: Vec<Option<Policy>>,
    rights: Vec<TokenRight>,
    /// What a token is for, where it is not for everything.
    only: Option<Policy>,
    /// As whom a token sends.
    sends_only: Option<SendsOnly>,
    desk: Desk,
}

impl Viewer {
    pub(crate) fn of_user(desk: &Desk, user: User) -> Result<Self, QueryError> {
        let who = Who::User { user: user.user, name: user.name };
        Self::new(desk, who, user.grants, Vec::new())
    }

    pub(crate) fn of_token(desk: &Desk, token: Token) -> Result<Self, QueryError> {
        let Token { token, rights, organisation, store, sources, models } = token;
        let looks = rights.contains(&TokenRight::Read) || rights.contains(&TokenRight::Administer);
        let grant = Grant { organisation, store: store.clone(), level: AccessLevel::Standard };
        let grants = if looks { vec![grant] } else { Vec::new() };
        let mut viewer = Self::new(desk, Who::Token(token), grants, rights)?;
        if !models.is_empty() {
            viewer.only = Some(Policy { view: models.clone(), download: models });
        }
        viewer.sends_only = Some(SendsOnly { sources, store });
        Ok(viewer)
    }

    fn new(desk: &Desk, who: Who, grants: Vec<Grant>, rights: Vec<TokenRight>) -> Result<Self, QueryError> {
        let contracts = desk.look_up(|view| {
            let contract = |grant: &Grant| {
                let organisation = match (&grant.organisation, &grant.store) {
                    (None, Some(store)) => organisation_of(view, store)?.flatten(),
                    (organisation, _) => organisation.clone(),
                };
                policy_of(view, organisation.as_deref())
            };
            grants.iter().map(contract).collect::<Result<_, _>>()
        })?;
        Ok(Self { who, grants, contracts, rights, only: None, sends_only: None, desk: desk.clone() })
    }

    /// Who it is.
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// As the audit names him.
    pub fn audited_as(&self) -> String {
        match &self.who {
            Who::User { user, .. } => user.clone(),
            Who::Token(token) => format!("{TOKEN_PREFIX}{token}"),
        }
    }

    /// The user's name, where it is a person.
    pub fn user(&self) -> Option<&str> {
        match &self.who {
            Who::User { user, .. } => Some(user),
            Who::Token(_) => None,
        }
    }

    /// Whether he may do everything.
    pub fn is_administrator(&self) -> bool {
        self.grants.iter().any(|grant| grant.level == AccessLevel::Administrator)
    }

    /// Whether he may create users.
    pub fn is_manager(&self) -> bool {
        self.grants.iter().any(|grant| grant.level >= AccessLevel::Manager)
    }

    /// Whether he may issue and revoke tokens, and read who may look at what and who did what.
    pub fn administers_tokens(&self) -> bool {
        self.may(TokenRight::Administer)
    }

    /// As whom he may send events, where that is not anybody.
    pub(crate) fn sends_only(&self) -> Option<&SendsOnly> {
        self.sends_only.as_ref().filter(|only| **only != SendsOnly::default())
    }

    /// Whether he may do what a token has the right to.
    pub(crate) fn may(&self, right: TokenRight) -> bool {
        self.is_administrator() || self.rights.contains(&right)
    }

    /// Whether he may see anything at all.
    pub(crate) fn sees_something(&self) -> bool {
        !self.grants.is_empty()
    }

    /// Whether every place of another user is one that he manages, so that he may look after that user.
    pub(crate) fn manages(&self, places: &[Grant]) -> Result<bool, QueryError> {
        if self.is_administrator() {
            return Ok(true);
        }
        let managed: Vec<_> = self.grants.iter().filter(|grant| grant.level == AccessLevel::Manager).collect();
        for place in places {
            let of = match (&place.organisation, &place.store) {
                (Some(organisation), _) => Some(organisation.clone()),
                (None, Some(store)) => self.desk.look_up(|view| organisation_of(view, store))?.flatten(),
                (None, None) => None,
            };
            let within = |grant: &&&Grant| match (&grant.organisation, &grant.store) {
                (None, None) => true,
                (Some(own), _) => is_of(of.as_deref(), own),
                (None, Some(own)) => place.store.as_ref() == Some(own),
            };
            if place.level != AccessLevel::Standard || !managed.iter().any(|grant| within(&grant)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether he manages a place, so that he may decide something for it; with neither, the place is the network.
    ///
    /// # Errors
    /// The rows could not be read.
    pub fn manages_place(&self, organisation: Option<&str>, store: Option<&str>) -> Result<bool, QueryError> {
        let (organisation, store) = (organisation.map(str::to_owned), store.map(str::to_owned));
        self.manages(&[Grant { organisation, store, level: AccessLevel::Standard }])
    }

    /// Whether tables of a read model may be taken away, of some of his places at least.
    pub(crate) fn downloads(&self, model: &str) -> bool {
        self.is_administrator() || self.places_for(model, UseOfModel::Download).next().is_some()
    }

    /// The grants, with their contracts, that let a read model be used so.
    fn places_for(&self, model: &str, use_of_it: UseOfModel) -> impl Iterator<Item = (&Grant, &Option<Policy>)> {
        let lets = move |policy: &Option<Policy>| {
            let listed = policy.as_ref().map(|policy| match use_of_it {
                UseOfModel::View => &policy.view,
                UseOfModel::Download => &policy.download,
            });
            listed.is_none_or(|models| models.iter().any(|known| known == model))
        };
        let is_for_it = lets(&self.only);
        self.grants.iter().zip(&self.contracts).filter(move |(_, contract)| is_for_it && lets(contract))
    }
}

impl Viewer {
    /// Whether a store of an organisation is among his places.
    fn reaches(&self, store: &str, organisation: Option<&str>) -> bool {
        let within = |grant: &Grant| match (&grant.organisation, &grant.store) {
            (Some(own), _) => is_of(organisation, own),
            (None, own) => own.as_deref() == Some(store),
        };
        self.grants.iter().any(within)
    }
}

impl Reach for Viewer {
    fn is_whole(&self) -> bool {
        self.grants.iter().any(|grant| grant.is_for(None, None))
    }

    fn sees_model(&self, model: &str) -> bool {
        self.is_administrator() || self.places_for(model, UseOfModel::View).next().is_some()
    }

    fn within(&self, model: &str, use_of_it: UseOfModel) -> Option<Arc<dyn Reach>> {
        if self.is_administrator() {
            return Some(Arc::new(self.clone()));
        }
        let places = self.places_for(model, use_of_it).map(|(grant, contract)| (grant.clone(), contract.clone()));
        let (grants, contracts): (Vec<_>, Vec<_>) = places.unzip();
        if grants.is_empty() {
            return None;
        }
        Some(Arc::new(Self { grants, contracts, ..self.clone() }))
    }

    fn is_till(&self) -> bool {
        matches!(self.who, Who::Token(_)) && self.rights.contains(&TokenRight::Produce)
    }

    fn sees_organisation(&self, organisation: &str) -> bool {
        let own = self.grants.iter().filter_map(|grant| grant.organisation.as_deref());
        self.is_whole() || own.into_iter().any(|own| is_of(Some(organisation), own))
    }

    fn sees_store(&self, store: &str) -> Result<bool, QueryError> {
        if self.is_whole() {
            return Ok(true);
        }
        let organisation = self.desk.look_up(|view| organisation_of(view, store))?;
        Ok(organisation.is_some_and(|organisation| self.reaches(store, organisation.as_deref())))
    }

    fn sees_scanner(&self, scanner: &str) -> Result<bool, QueryError> {
        if self.is_whole() {
            return Ok(true);
        }
        let rows = self.desk.0.models.rows(StorePerformance::NAME);
        let rows = rows.ok_or_else(|| QueryError::Rows("this node does not keep where scanners stand".to_owned()))?;
        let stores =
            ask_rows::<StorePerformance, _>(&*rows, self.desk.now_ms(), |view| stores_of_scanner(view, scanner))?;
        for store in &stores {
            if !self.sees_store(store)? {
                return Ok(false);
            }
        }
        Ok(!stores.is_empty())
    }

    fn places(&self) -> Vec<Place> {
        let place = |grant: &Grant| match (&grant.organisation, &grant.store) {
            (Some(organisation), _) => Some(Place::Organisation(organisation.clone())),
            (None, store) => store.clone().map(Place::Store),
        };
        let all: Vec<_> = self.grants.iter().filter_map(place).collect();
        let within_another = |place: &Place| match place {
            Place::Organisation(name) => all
                .iter()
                .any(|other| matches!(other, Place::Organisation(above) if above != name && is_of(Some(name), above))),
            // A store that cannot be looked up is listed; the question says what is wrong.
            Place::Store(store) => {
                let organisation = self.desk.look_up(|view| organisation_of(view, store)).ok().flatten().flatten();
                all.iter()
                    .any(|other| matches!(other, Place::Organisation(above) if is_of(organisation.as_deref(), above)))
            }
        };
        all.iter().filter(|place| !within_another(place)).cloned().collect()
    }

    fn stores(&self) -> Result<StoresSeen, QueryError> {
        let all = self.desk.look_up(stores)?;
        let seen = all.into_iter().filter(|(store, organisation)| self.reaches(store, organisation.as_deref()));
        Ok(StoresSeen::only(seen.map(|(store, _)| store)))
    }
}
