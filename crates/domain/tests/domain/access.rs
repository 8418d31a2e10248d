//! Who may let whom look at what (rows 0.17–0.19).

use serde_json::{Value, json};

use crate::books::Books;

/// A network of two countries, whose first administrator is `head`.
fn network() -> Books {
    let mut books = Books::of_paris();
    for (store, organisation) in
        [("FR-1", "acme/fr"), ("FR-2", "acme/fr"), ("IT-1", "acme/it"), ("FRA-1", "acme/france")]
    {
        let body = json!({"name": store, "zone": "Europe/Paris", "currency": "EUR", "organisation": organisation});
        books.take_at("StoreConfigured", store, "2026-11-01T08:00:00+01:00", &body).unwrap();
    }
    invite(&mut books, "head", Value::Null).unwrap();
    grant(&mut books, "head", "administrator", json!({}), Value::Null).unwrap();
    books
}

#[expect(clippy::needless_pass_by_value, reason = "the caller makes it in place")]
fn invite(books: &mut Books, user: &str, by: Value) -> Result<(), &'static str> {
    books.take("UserInvited", &json!({"user": user, "name": user, "by": by})).map(drop)
}

fn grant(books: &mut Books, user: &str, level: &str, mut place: Value, by: Value) -> Result<(), &'static str> {
    (place["user"], place["level"], place["by"]) = (json!(user), json!(level), by);
    books.take("AccessGranted", &place).map(drop)
}

fn revoke(books: &mut Books, user: &str, mut place: Value, by: &str) -> Result<(), &'static str> {
    (place["user"], place["by"]) = (json!(user), json!(by));
    books.take("AccessRevoked", &place).map(drop)
}

#[expect(clippy::needless_pass_by_value, reason = "the caller makes it in place")]
fn password(books: &mut Books, user: &str, by: Value) -> Result<(), &'static str> {
    books.take("PasswordSet", &json!({"user": user, "verifier": "$argon2id$", "by": by})).map(drop)
}

/// The network with a Manager of France.
fn with_manager() -> Books {
    let mut books = network();
    invite(&mut books, "fr", json!("head")).unwrap();
    grant(&mut books, "fr", "manager", json!({"organisation": "acme/fr"}), json!("head")).unwrap();
    books
}

#[test]
fn the_command_line_makes_the_first_administrator_and_no_other() {
    let mut books = network();
    assert_eq!(invite(&mut books, "thief", Value::Null), Err("has_administrator"));
    assert_eq!(grant(&mut books, "head", "manager", json!({}), Value::Null), Err("last_administrator"));
    assert_eq!(password(&mut books, "head", Value::Null), Err("has_administrator"));
    invite(&mut books, "second", json!("head")).unwrap();
    assert_eq!(grant(&mut books, "second", "administrator", json!({}), Value::Null), Err("has_administrator"));
    assert_eq!(invite(&mut books, "second", json!("head")), Err("user_already_there"));
}

#[test]
fn row_0_17_a_manager_creates_standard_users_within_the_own_scope() {
    let mut books = with_manager();
    assert_eq!(invite(&mut books, "seller", json!("fr")), Ok(()));
    for place in
        [json!({"organisation": "acme/fr"}), json!({"organisation": "acme/fr/south"}), json!({"store": "FR-2"})]
    {
        assert_eq!(grant(&mut books, "seller", "standard", place.clone(), json!("fr")), Ok(()), "{place}");
        assert_eq!(grant(&mut books, "seller", "manager", place.clone(), json!("fr")), Err("not_allowed"), "{place}");
    }
    let beyond = [
        json!({"organisation": "acme"}),
        json!({"organisation": "acme/it"}),
        // Its name begins alike, but it lies elsewhere.
        json!({"organisation": "acme/france"}),
        json!({"store": "IT-1"}),
        json!({"store": "FRA-1"}),
        json!({}),
    ];
    for place in beyond {
        assert_eq!(grant(&mut books, "seller", "standard", place.clone(), json!("fr")), Err("not_allowed"), "{place}");
    }
    assert_eq!(grant(&mut books, "seller", "standard", json!({"store": "FR-9"}), json!("fr")), Err("unknown_store"));
    assert_eq!(grant(&mut books, "nobody", "standard", json!({"store": "FR-1"}), json!("fr")), Err("unknown_user"));
}

#[test]
fn row_0_17_a_standard_user_creates_nobody() {
    let mut books = with_manager();
    invite(&mut books, "seller", json!("fr")).unwrap();
    grant(&mut books, "seller", "standard", json!({"store": "FR-1"}), json!("fr")).unwrap();
    assert_eq!(invite(&mut books, "friend", json!("seller")), Err("not_allowed"));
    assert_eq!(grant(&mut books, "seller", "standard", json!({"store": "FR-2"}), json!("seller")), Err("not_allowed"));
    assert_eq!(revoke(&mut books, "fr", json!({"organisation": "acme/fr"}), "seller"), Err("not_allowed"));
    assert_eq!(password(&mut books, "fr", json!("seller")), Err("not_allowed"));
    assert_eq!(password(&mut books, "seller", json!("seller")), Ok(()), "one's own");
}

#[test]
fn what_is_taken_back_may_be_granted_by_the_same() {
    let mut books = with_manager();
    invite(&mut books, "seller", json!("fr")).unwrap();
    grant(&mut books, "seller", "standard", json!({"store": "FR-1"}), json!("fr")).unwrap();
    grant(&mut books, "seller", "standard", json!({"store": "IT-1"}), json!("head")).unwrap();
    assert_eq!(revoke(&mut books, "seller", json!({"store": "IT-1"}), "fr"), Err("not_allowed"));
    // A password opens every place of its user.
    assert_eq!(password(&mut books, "seller", json!("fr")), Err("not_allowed"));
    assert_eq!(books.take("SignedOut", &json!({"user": "seller", "by": "fr"})), Err("not_allowed"));
    assert_eq!(revoke(&mut books, "seller", json!({"store": "IT-1"}), "head"), Ok(()));
    assert_eq!(revoke(&mut books, "seller", json!({"store": "IT-1"}), "head"), Err("no_such_grant"));
    assert_eq!(password(&mut books, "seller", json!("fr")), Ok(()));
    assert_eq!(books.take("SignedOut", &json!({"user": "seller", "by": "fr"})), Ok(vec![]));
    assert_eq!(
        password(&mut books, "head", json!("fr")),
        Err("not_allowed"),
        "a Manager is not above an administrator"
    );
}

#[test]
fn there_is_always_an_administrator() {
    let mut books = with_manager();
    assert_eq!(revoke(&mut books, "head", json!({}), "head"), Err("last_administrator"));
    grant(&mut books, "fr", "administrator", json!({}), json!("head")).unwrap();
    assert_eq!(revoke(&mut books, "head", json!({}), "fr"), Ok(()));
    assert_eq!(revoke(&mut books, "fr", json!({}), "fr"), Err("last_administrator"));
    assert_eq!(books.take("DataPolicySet", &json!({"view": [], "download": [], "by": "head"})), Err("not_allowed"));
}

#[test]
fn tokens_are_the_administrators_and_their_names_are_used_once() {
    let mut books = with_manager();
    let token = |by: &str| json!({"token": "T", "digest": "00", "rights": ["produce"], "by": by});
    assert_eq!(books.take("TokenIssued", &token("fr")), Err("not_allowed"));
    assert_eq!(books.take("TokenIssued", &token("head")), Ok(vec![]));
    assert_eq!(books.take("TokenIssued", &token("head")), Err("token_already_issued"));
    assert_eq!(books.take("TokenRevoked", &json!({"token": "T", "by": "fr"})), Err("not_allowed"));
    assert_eq!(books.take("TokenRevoked", &json!({"token": "T", "by": "head"})), Ok(vec![]));
    assert_eq!(books.take("TokenRevoked", &json!({"token": "T", "by": "head"})), Err("unknown_token"));
    assert_eq!(books.take("TokenIssued", &token("head")), Err("token_already_issued"), "a name is used once");
}

#[test]
fn a_token_that_administers_issues_and_revokes_others_until_its_end_and_does_nothing_else() {
    let mut books = with_manager();
    let token =
        |name: &str, rights: Value, by: &str| json!({"token": name, "digest": "00", "rights": rights, "by": by});
    let mut administers = token("A", json!(["administer"]), "head");
    administers["until_ms"] = json!(1_800_000_000_000_i64);
    books.take("TokenIssued", &administers).unwrap();
    books.take("TokenIssued", &token("P", json!(["produce"]), "token:A")).unwrap();
    assert_eq!(books.take("TokenIssued", &token("Q", json!(["produce"]), "token:P")), Err("not_allowed"));
    assert_eq!(books.take("TokenIssued", &token("Q", json!(["produce"]), "token:none")), Err("not_allowed"));
    assert_eq!(books.take("TokenRevoked", &json!({"token": "P", "by": "token:A"})), Ok(vec![]));
    let policy = json!({"view": [], "download": [], "by": "token:A"});
    assert_eq!(books.take("DataPolicySet", &policy), Err("unknown_user"));
    let late = "2027-01-15T08:00:00Z";
    let issued = books.take_at("TokenIssued", "FR-1", late, &token("Q", json!(["read"]), "token:A"));
    assert_eq!(issued.map(drop), Err("not_allowed"));
    books.take("TokenRevoked", &json!({"token": "A", "by": "token:A"})).unwrap();
    assert_eq!(books.take("TokenIssued", &token("R", json!(["read"]), "token:A")), Err("not_allowed"));
}

#[test]
fn a_token_is_for_a_store_that_is_configured() {
    let mut books = with_manager();
    let of = |store: &str| json!({"token": "T", "digest": "00", "rights": ["produce"], "store": store, "by": "head"});
    assert_eq!(books.take("TokenIssued", &of("FR-9")), Err("unknown_store"));
    assert_eq!(books.take("TokenIssued", &of("FR-1")), Ok(vec![]));
}

#[test]
fn sixty_four_places_are_granted_and_each_anew() {
    let mut books = with_manager();
    let place = |number: usize| json!({"organisation": format!("acme/fr/{number}")});
    invite(&mut books, "seller", json!("fr")).unwrap();
    for number in 0..64 {
        assert_eq!(grant(&mut books, "seller", "standard", place(number), json!("fr")), Ok(()));
    }
    assert_eq!(grant(&mut books, "seller", "standard", place(64), json!("fr")), Err("too_many_grants"));
    assert_eq!(grant(&mut books, "seller", "standard", place(7), json!("fr")), Ok(()));
}
