//! The door before every route: who is it, and may he?

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use axum::{
    RequestExt, Router,
    extract::{MatchedPath, Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
};
use storefold_events::access::{DataDownloaded, TokenRight};
use storefold_http_kit::{Problem, SignedInAs, Standing, StillStands, sent_from_here};
use storefold_projection::{Projector, Reach};
use storefold_projector_access::{session, token};
use storefold_projector_customer_file::CustomerFile;

use crate::{
    Desk, Viewer,
    needs::{Need, need},
    secrets::{digest, form_token, is_same},
};

/// The cookie that holds the secret of a session.
pub const SESSION_COOKIE: &str = "storefold_session";

/// What a form, or a script in a header of this name, has to carry.
pub const FORM_TOKEN: &str = "x-form-token";

/// How a page says what went wrong.
type PageOf = fn(&Problem, Option<&SignedInAs>, &Uri, &HeaderMap) -> Response;

struct Door {
    desk: Desk,
    /// Paths of questions, which are narrowed before they are answered, and of pages that ask them.
    narrowed: HashSet<&'static str>,
    page_of: PageOf,
}

/// Somebody at the door.
struct Entered {
    viewer: Arc<Viewer>,
    /// Of a session; a token has none.
    form_token: Option<String>,
    stands: StillStands,
}

/// What somebody takes away, which is written down.
enum Taken {
    /// A table, by its address.
    Table(Uri),
    /// Everything that is known of a person.
    Person { customer: String, format: &'static str },
}

/// As what a route gives out everything about a person. What has more than the file is written down where it is gathered.
fn person_of(template: &str) -> Option<&'static str> {
    match template {
        "/v1/customers/{customer}/file" => Some("json"),
        "/customers/{customer}/everything" => Some("page"),
        _ => None,
    }
}

impl Desk {
    /// Puts the door before the routes of a router. `narrowed` are the templates of questions and pages that narrow what
    /// they ask; `page_of` shows a problem to a person.
    pub fn door(&self, narrowed: HashSet<&'static str>, page_of: PageOf) -> impl FnOnce(Router) -> Router + use<> {
        let door = Arc::new(Door { desk: self.clone(), narrowed, page_of });
        move |router| router.layer(middleware::from_fn_with_state(door, enter))
    }
}

async fn enter(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    // What matches no route has nothing to hide.
    let Some(template) = request.extensions().get::<MatchedPath>().cloned() else { return next.run(request).await };
    let template = template.as_str();
    let need = need(request.method(), template, door.narrowed.contains(template));
    let entered = match door.who(&request) {
        Ok(entered) => entered,
        Err(problem) => return door.refuse(&request, template, problem, None),
    };
    let shown = entered.as_ref().and_then(Entered::shown);
    if let Err(problem) =
        from_here(&request, entered.as_ref()).and_then(|()| Door::may(need, entered.as_ref(), &request))
    {
        return door.refuse(&request, template, problem, shown.as_ref());
    }
    let taken = match person_of(template) {
        _ if need == Need::Download => Some(Taken::Table(request.uri().clone())),
        Some(format) if *request.method() == Method::GET => {
            let names = request.extract_parts::<Path<HashMap<String, String>>>().await;
            let customer = names.ok().and_then(|Path(mut names)| names.remove("customer")).unwrap_or_default();
            Some(Taken::Person { customer, format })
        }
        _ => None,
    };
    if let Some(entered) = &entered {
        request.extensions_mut().insert(entered.stands.clone());
    }
    let viewer = entered.map(|entered| entered.viewer);
    if let Some(viewer) = &viewer {
        request.extensions_mut().insert(viewer.clone());
        request.extensions_mut().insert::<Arc<dyn Reach>>(viewer.clone());
        if let Some(only) = viewer.sends_only() {
            request.extensions_mut().insert(only.clone());
        }
    }
    if let Some(shown) = shown {
        request.extensions_mut().insert(shown);
    }
    let response = next.run(request).await;
    match (taken, viewer) {
        (Some(taken), Some(viewer)) if response.status().is_success() => {
            let event = match taken {
                Taken::Table(uri) => door.table_taken(&uri, &viewer, &response),
                Taken::Person { customer, format } => DataDownloaded {
                    model: CustomerFile::NAME.into(),
                    table: format!("everything about {customer}").into(),
                    format: format.into(),
                    snapshot: None,
                    by: viewer.audited_as().into(),
                },
            };
            // It does not go out unless it is written down that it does.
            match door.desk.write(vec![event.into()]).await {
                Ok(_) => response,
                Err(error) => Problem::from(error).into_response(),
            }
        }
        _ => response,
    }
}

impl Door {
    fn who(&self, request: &Request) -> Result<Option<Entered>, Problem> {
        let headers = request.headers();
        if let Some(bearer) = bearer(headers) {
            let secret = digest(bearer);
            let found = self.desk.look_up(|view| token(view, &secret)).map_err(Problem::internal)?;
            let found = found.ok_or_else(|| {
                Problem::not_signed_in("the token is none, is over, or was revoked; ask an administrator for another")
            })?;
            self.desk.0.limit.admit(found.token.clone(), request)?;
            let viewer = Viewer::of_token(&self.desk, found).map_err(Problem::internal)?;
            let desk = self.desk.clone();
            let stands = StillStands::asking(move || {
                desk.look_up(|view| token(view, &secret)).is_ok_and(|found| found.is_some())
            });
            return Ok(Some(Entered { viewer: Arc::new(viewer), form_token: None, stands }));
        }
        let Some(secret) = session_secret(headers) else { return Ok(None) };
        let digested = digest(secret);
        let Some(found) = self.desk.look_up(|view| session(view, &digested)).map_err(Problem::internal)? else {
            return Ok(None);
        };
        let viewer = Viewer::of_user(&self.desk, found.user).map_err(Problem::internal)?;
        let (desk, form_token) = (self.desk.clone(), Some(form_token(secret)));
        let stands = StillStands::asking(move || {
            desk.look_up(|view| session(view, &digested)).is_ok_and(|found| found.is_some())
        });
        Ok(Some(Entered { viewer: Arc::new(viewer), form_token, stands }))
    }

    fn may(need: Need, entered: Option<&Entered>, request: &Request) -> Result<(), Problem> {
        if need == Need::Nobody {
            return Ok(());
        }
        let Some(Entered { viewer, .. }) = entered else {
            return Err(Problem::not_signed_in("sign in, or send a token as `Authorization: Bearer …`"));
        };
        let (may, needed) = match need {
            Need::Nobody | Need::Somebody => (true, ""),
            Need::Viewer => (viewer.sees_something(), "you were granted nothing to look at; ask your Manager"),
            Need::Download => {
                let model = model_of(request.uri()).unwrap_or_default();
                if viewer.sees_something() && !viewer.sees_model(model) {
                    // As if it were not there.
                    return Err(Problem::unknown("read_model", format_args!("there is no read model `{model}`")));
                }
                (viewer.sees_something() && viewer.downloads(model), "your contract does not let you download this")
            }
            Need::Produce => (viewer.may(TokenRight::Produce), "this needs a token with the right `produce`"),
            Need::Manager => (viewer.is_manager(), "only Managers and administrators do this"),
            Need::Operate => (viewer.may(TokenRight::Operate), "this is for those who look after the server"),
            Need::Tokens => {
                (viewer.administers_tokens(), "this is for administrators, and for tokens with the right `administer`")
            }
            Need::Administrator => (viewer.is_administrator(), "this is for administrators"),
        };
        if may { Ok(()) } else { Err(Problem::forbidden(needed)) }
    }

    fn refuse(&self, request: &Request, template: &str, problem: Problem, shown: Option<&SignedInAs>) -> Response {
        // Who sends a token is a machine, which a page to sign in leads nowhere.
        let is_machine = bearer(request.headers()).is_some();
        if is_machine || template.starts_with("/v1/") || template == "/openapi.json" {
            return problem.into_response();
        }
        if problem.status() == StatusCode::UNAUTHORIZED && request.method() == Method::GET {
            let next = request.uri().path_and_query().map_or("/", |path| path.as_str());
            return Redirect::to(&format!("/sign-in?next={}", escaped(next))).into_response();
        }
        (self.page_of)(&problem, shown, request.uri(), request.headers())
    }

    /// Who takes which table away, as what.
    fn table_taken(&self, uri: &Uri, viewer: &Viewer, response: &Response) -> DataDownloaded<'static> {
        let model = model_of(uri).unwrap_or_default();
        let parameters =
            Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default();
        let asked = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
        let found = self.desk.0.models.table(model, asked("table"), asked("snapshot"));
        let table = found.map_or_else(|_| String::new(), |found| found.table().name.to_owned());
        let named = response.headers().get(header::CONTENT_DISPOSITION).and_then(|named| named.to_str().ok());
        let format = named.and_then(|named| named.trim_end_matches('"').rsplit('.').next()).unwrap_or_default();
        DataDownloaded {
            model: model.to_owned().into(),
            table: table.into(),
            format: format.to_owned().into(),
            snapshot: asked("snapshot").map(|name| name.to_owned().into()),
            by: viewer.audited_as().into(),
        }
    }
}

impl Entered {
    fn shown(&self) -> Option<SignedInAs> {
        let crate::Who::User { name, .. } = self.viewer.who() else { return None };
        let standing = match (self.viewer.is_administrator(), self.viewer.is_manager()) {
            (true, _) => Standing::Administers,
            (false, true) => Standing::CreatesUsers,
            (false, false) => Standing::Looks,
        };
        Some(SignedInAs {
            name: name.clone(),
            form_token: self.form_token.clone()?,
            sees_network: self.viewer.is_whole(),
            standing,
            may_operate: self.viewer.may(TokenRight::Operate),
        })
    }
}

/// Refuses what another site has a browser send: a cookie proves who sends it, and not that he wanted to.
fn from_here(request: &Request, entered: Option<&Entered>) -> Result<(), Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let form_token = entered.and_then(|entered| entered.form_token.as_deref());
    let sent = request.headers().get(FORM_TOKEN).and_then(|sent| sent.to_str().ok());
    let from_here = match (sent_from_here(request.headers()), form_token) {
        (Some(from_here), _) => from_here,
        // No browser: whoever holds the session's secret can make the token.
        (None, Some(expected)) => sent.is_some_and(|sent| is_same(sent, expected)),
        (None, None) => true,
    };
    if from_here {
        return Ok(());
    }
    Err(Problem::forbidden("this was sent by another site; send it from a page of this server"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// The secret of the session that a browser sends (RFC 6265, section 4.2).
pub(crate) fn session_secret(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == SESSION_COOKIE).map(|(_, secret)| secret)
}

/// Has a browser keep the secret of a session, or forget it when there is none. Over plain HTTP it is sent back to this
/// very machine alone.
pub(crate) fn session_cookie(headers: &HeaderMap, secret: Option<&str>) -> Option<HeaderValue> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let secure = if here { "" } else { "; Secure" };
    let (secret, age_s) = secret.map_or(("", 0), |secret| (secret, crate::SESSION_MS / 1_000));
    let cookie = format!("{SESSION_COOKIE}={secret}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&cookie).ok()
}

/// The read model that a path of a table names.
fn model_of(uri: &Uri) -> Option<&str> {
    uri.path().strip_prefix("/v1/read-models/")?.split('/').next()
}

const HEX: [&str; 16] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B", "C", "D", "E", "F"];

/// A path as a parameter.
fn escaped(path: &str) -> String {
    path.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(byte)),
            _ => text.extend(["%", HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
        text
    })
}
