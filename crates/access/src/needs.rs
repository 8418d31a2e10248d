//! What each route needs of who asks. A route that nobody thought of here is for administrators.

use axum::http::Method;

/// What a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: whether the process lives, and what a browser needs before one has signed in.
    Nobody,
    /// Somebody, whoever it is.
    Somebody,
    /// Somebody who sees something; what it is, the question is narrowed to.
    Viewer,
    /// Who takes a table away; which records are in it, is narrowed.
    Download,
    /// Who may send events and commands.
    Produce,
    /// Who manages a place: creates users, and decides what is undertaken there.
    Manager,
    /// Who looks after the server.
    Operate,
    /// Who issues and revokes tokens, and reads who may look at what and who did what.
    Tokens,
    /// Who may do everything.
    Administrator,
}

/// Routes that begin so, with what is read there and what is changed there. The first that fits counts.
const NEEDS: &[(&str, Need, Need)] = &[
    ("/healthz", Need::Nobody, Need::Administrator),
    ("/readyz", Need::Nobody, Need::Administrator),
    ("/metrics", Need::Nobody, Need::Administrator),
    ("/assets/", Need::Nobody, Need::Administrator),
    ("/sign-in", Need::Nobody, Need::Nobody),
    ("/sign-out", Need::Somebody, Need::Somebody),
    ("/account", Need::Somebody, Need::Somebody),
    ("/users", Need::Manager, Need::Manager),
    ("/action-plans", Need::Viewer, Need::Manager),
    ("/challenges", Need::Viewer, Need::Manager),
    ("/contracts", Need::Administrator, Need::Administrator),
    ("/tokens", Need::Administrator, Need::Administrator),
    ("/audit", Need::Administrator, Need::Administrator),
    ("/openapi.json", Need::Somebody, Need::Administrator),
    ("/docs", Need::Somebody, Need::Administrator),
    ("/quarantine", Need::Operate, Need::Operate),
    ("/system", Need::Operate, Need::Operate),
    ("/v1/access/first-administrator", Need::Nobody, Need::Nobody),
    ("/v1/access/session", Need::Somebody, Need::Nobody),
    ("/v1/access/me", Need::Somebody, Need::Somebody),
    ("/v1/access/users/", Need::Administrator, Need::Manager),
    ("/v1/access/users", Need::Tokens, Need::Administrator),
    ("/v1/access/policies", Need::Tokens, Need::Administrator),
    ("/v1/access/audit", Need::Tokens, Need::Administrator),
    ("/v1/access/tokens", Need::Tokens, Need::Tokens),
    ("/v1/access/", Need::Administrator, Need::Administrator),
    ("/v1/events", Need::Produce, Need::Produce),
    ("/v1/commands/erase-customer", Need::Administrator, Need::Administrator),
    ("/v1/commands/", Need::Produce, Need::Produce),
    ("/v1/customers/{customer}/file", Need::Administrator, Need::Administrator),
    ("/v1/customers/{customer}/erasure", Need::Administrator, Need::Administrator),
    ("/v1/customers/{customer}/everything", Need::Administrator, Need::Administrator),
    ("/v1/baskets/", Need::Produce, Need::Produce),
    ("/v1/tenders/", Need::Produce, Need::Produce),
    ("/v1/sources/{source}/sequence", Need::Operate, Need::Operate),
    ("/v1/sources/", Need::Produce, Need::Operate),
    ("/v1/quarantine", Need::Operate, Need::Operate),
    ("/v1/read-models/{model}/rows", Need::Download, Need::Operate),
    ("/v1/read-models", Need::Operate, Need::Operate),
    ("/v1/rebuilds", Need::Operate, Need::Operate),
    ("/v1/snapshots", Need::Operate, Need::Operate),
    ("/v1/log", Need::Operate, Need::Operate),
    ("/v1/changes", Need::Viewer, Need::Operate),
];

/// What a route needs, by its template; `is_question` tells whether it is narrowed before it is answered.
pub(crate) fn need(method: &Method, template: &str, is_question: bool) -> Need {
    let reads = method == Method::GET || method == Method::HEAD;
    match NEEDS.iter().find(|(prefix, ..)| fits(template, prefix)) {
        Some((_, read, _)) if reads => *read,
        Some((_, _, change)) => *change,
        None if reads && is_question => Need::Viewer,
        None => Need::Administrator,
    }
}

/// Whether a template is the prefix or below it: `/usersless` is not below `/users`.
fn fits(template: &str, prefix: &str) -> bool {
    let rest = template.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::{Need, need};

    #[test]
    fn what_nobody_thought_of_is_for_administrators() {
        for (method, template, is_question, expected) in [
            (Method::GET, "/healthz", false, Need::Nobody),
            (Method::GET, "/healthz-of-others", false, Need::Administrator),
            (Method::GET, "/v1/stores/{store}/performance", true, Need::Viewer),
            (Method::POST, "/v1/stores/{store}/performance", true, Need::Administrator),
            (Method::GET, "/v1/stores/{store}/secrets", false, Need::Administrator),
            (Method::POST, "/v1/events", false, Need::Produce),
            (Method::POST, "/v1/commands/claim-gift", false, Need::Produce),
            (Method::POST, "/v1/commands/erase-customer", false, Need::Administrator),
            (Method::GET, "/v1/customers/{customer}/file", true, Need::Administrator),
            (Method::GET, "/v1/read-models/{model}/rows", false, Need::Download),
            (Method::GET, "/v1/read-models", false, Need::Operate),
            (Method::POST, "/v1/quarantine/{entry}/retry", false, Need::Operate),
            (Method::GET, "/v1/access/audit", true, Need::Tokens),
            (Method::PUT, "/v1/access/tokens/{token}", false, Need::Tokens),
            (Method::PUT, "/v1/access/policy", false, Need::Administrator),
            (Method::PUT, "/v1/access/users/{user}", false, Need::Manager),
            (Method::GET, "/v1/access/users", true, Need::Tokens),
            (Method::POST, "/v1/access/users/{user}/grants", false, Need::Manager),
            (Method::GET, "/challenges/{challenge}", true, Need::Viewer),
            (Method::POST, "/challenges", true, Need::Manager),
            (Method::POST, "/action-plans/{plan}/close", false, Need::Manager),
            (Method::POST, "/closed-months", true, Need::Administrator),
            (Method::DELETE, "/v1/access/session", false, Need::Nobody),
            (Method::GET, "", false, Need::Administrator),
        ] {
            assert_eq!(need(&method, template, is_question), expected, "{method} {template}");
        }
    }
}
