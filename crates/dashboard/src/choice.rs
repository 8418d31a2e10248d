//! What the visitor has chosen to see.

use storefold_http_kit::{Params, Problem};

/// Windows, with the words for people.
pub(crate) const WINDOWS: [(&str, &str); 3] = [("30d", "30 days"), ("90d", "90 days"), ("all", "All time")];

/// Store, window and customer.
pub(crate) struct Choice {
    /// The store; the first of the list when absent.
    pub(crate) store: Option<String>,
    /// One of [`WINDOWS`].
    pub(crate) window: &'static str,
    /// The customer whose points are to be shown.
    pub(crate) customer: Option<String>,
}

impl Choice {
    pub(crate) fn of(mut params: Params) -> Result<Self, Problem> {
        // A form sends the fields that were left empty, too.
        let mut chosen = |name| params.take(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let (store, window, customer) = (chosen("store"), chosen("window"), chosen("customer"));
        params.none_left()?;
        let window = window.as_deref().unwrap_or(WINDOWS[0].0);
        let known = WINDOWS.iter().find(|(name, _)| *name == window);
        let (window, _) = known.ok_or_else(|| Problem::bad_parameter("window", "is 30d, 90d or all; choose one"))?;
        Ok(Self { store, window, customer })
    }
}
