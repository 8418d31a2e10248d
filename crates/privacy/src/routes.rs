//! `/v1/commands/erase-customer`, `/v1/customers/{customer}/erasure` and `/v1/customers/{customer}/everything`.

use std::sync::Arc;

use aide::{
    axum::{ApiRouter, routing},
    generate::in_context,
    transform::TransformOperation,
};
use axum::{
    Extension, Json,
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;
use serde_json::json;
use storefold_access::Viewer;
use storefold_events::{Position, access::DataDownloaded};
use storefold_http_kit::{Clock, Describe, Fault, ParameterDocs, Params, Problem, at_position, peer, read_body};
use storefold_projection::{Projector, RunnerHandle};
use storefold_projector_customer_file::CustomerFile;
use storefold_sequencer::SequencerHandle;
use storefold_vault::Vault;
use tokio::{sync::watch, task::spawn_blocking};

use crate::{Follower, erasing::Certificate, everything::Everything};

/// The largest body (inclusive).
const BODY_BYTES_MAX: usize = 16 * 1_024;

/// What it is made of.
pub struct Settings {
    /// Writes erasures; a node without one only shows.
    pub sequencer: Option<SequencerHandle>,
    /// Has the read models.
    pub models: RunnerHandle,
    /// Says what time it is.
    pub clock: Clock,
    /// Has the keys.
    pub vault: Vault,
}

/// Answers what a person may ask. Clones are the same.
#[derive(Clone)]
pub struct Privacy(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) sequencer: Option<SequencerHandle>,
    pub(crate) models: RunnerHandle,
    pub(crate) clock: Clock,
    pub(crate) vault: Vault,
    pub(crate) done: watch::Receiver<Position>,
}

/// Who is to be erased.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EraseCustomer {
    /// Number of the customer.
    customer: String,
}

impl Privacy {
    /// Beside a follower that destroys keys.
    pub fn new(settings: Settings, follower: &Follower) -> Self {
        let Settings { sequencer, models, clock, vault } = settings;
        Self(Arc::new(Inner { sequencer, models, clock, vault, done: follower.done() }))
    }

    /// The routes, described.
    pub fn routes(&self) -> ApiRouter {
        ApiRouter::new()
            .api_route("/v1/commands/erase-customer", routing::post_with(erase, describe_erase))
            .api_route("/v1/customers/{customer}/erasure", routing::get_with(certificate, describe_certificate))
            .api_route("/v1/customers/{customer}/everything", routing::get_with(everything, describe_everything))
            .with_state(self.clone())
    }
}

async fn erase(
    State(privacy): State<Privacy>,
    viewer: Option<Extension<Arc<Viewer>>>,
    request: Request,
) -> Result<Response, Problem> {
    let address = peer(&request).map(|address| address.to_string());
    let (parts, body) = request.into_parts();
    let body = read_body(&parts.headers, body, BODY_BYTES_MAX).await.map_err(|_| {
        let detail = format!("the body has more than {BODY_BYTES_MAX} bytes; send a shorter one");
        Problem::too_large("body_too_large", BODY_BYTES_MAX as u64, detail)
    })?;
    // No form of another site can send this type.
    let sent = parts.headers.get(header::CONTENT_TYPE).map_or("", |sent| sent.to_str().unwrap_or_default());
    if !sent.starts_with("application/json") {
        return Err(Problem::unsupported_media_type(sent, "application/json"));
    }
    let EraseCustomer { customer } = serde_json::from_slice(&body)
        .map_err(|error| Problem::unparseable(format_args!("{error}; send {{\"customer\": \"C-77\"}}")))?;
    let by = viewer.map(|Extension(viewer)| viewer.audited_as());
    let certificate = privacy.erase(customer, by, address).await?;
    Ok(at_position(certificate.erased.position, Json(certificate).into_response()))
}

async fn certificate(State(privacy): State<Privacy>, mut params: Params) -> Result<Json<Certificate>, Problem> {
    let customer = params.take("customer").unwrap_or_default();
    params.none_left()?;
    if !privacy.has_file(&customer).map_err(Problem::internal)? {
        return Err(Problem::unknown("customer", format_args!("there is no file of customer `{customer}` here")));
    }
    Ok(Json(privacy.certificate(&customer)?))
}

async fn everything(
    State(privacy): State<Privacy>,
    viewer: Option<Extension<Arc<Viewer>>>,
    mut params: Params,
) -> Result<Response, Problem> {
    let customer = params.take("customer").unwrap_or_default();
    params.none_left()?;
    let (asked, of) = (privacy.clone(), customer.clone());
    let gathered = spawn_blocking(move || asked.everything(&of)).await.map_err(Problem::internal)??;
    if let Some(Extension(viewer)) = viewer {
        // It is given out only when that it was is kept.
        let taken = DataDownloaded {
            model: CustomerFile::NAME.into(),
            table: format!("everything about {customer}").into(),
            format: "json".into(),
            snapshot: None,
            by: viewer.audited_as().into(),
        };
        privacy.write(taken.into()).await?;
    }
    Ok(at_position(gathered.position(), Json(gathered).into_response()))
}

const TAG: &str = "Persons";

fn described<'t>(docs: TransformOperation<'t>, summary: &str, description: &str) -> TransformOperation<'t> {
    docs.tag(TAG).summary(summary).description(description).fails(Fault::Forbidden, "Only administrators may.")
}

fn describe_erase(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let asked = in_context(|context| context.schema.subschema_for::<EraseCustomer>());
    let answer = in_context(|context| context.schema.subschema_for::<Certificate>());
    let description = "Destroys the keys that everything about the person is sealed with: names, telephone, addresses, and \
        the address of email on scans and in files of others who share it. Nothing yields them afterwards, the log and every \
        copy of it included, if the keys were not copied. Sales, points and counts stay as they are under the number. \
        Answered when it is done; asked again, with the first certificate.";
    described(docs, "Erase a customer", description)
        .id("erase_customer")
        .takes("Who.", vec![("application/json", asked, json!({ "customer": "C-77" }))])
        .answers("That it is done, and where it stands in the log.", answer, None, true)
        .fails(Fault::NotUnderstood, "The body is not understood.")
        .fails(Fault::TooLarge, "The body is too large.")
        .fails(Fault::UnsupportedMediaType, "Another content type.")
        .fails(Fault::Refused, "There is no file of this customer.")
        .fails(Fault::Unavailable, "Not now; send the same again after `Retry-After`.")
}

fn describe_certificate(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let answer = in_context(|context| context.schema.subschema_for::<Certificate>());
    described(docs, "That a customer was erased", "When, on whose order, and where it stands in the log.")
        .id("get_erasure")
        .asks(customer())
        .answers("The certificate.", answer, None, false)
        .fails(Fault::NotUnderstood, "A parameter makes no sense.")
        .fails(Fault::Unknown, "There is no such customer, or he was not erased.")
}

fn describe_everything(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let answer = in_context(|context| context.schema.subschema_for::<Everything>());
    let description = "For the person himself: file, consents with source and time, purchases, scans of his addresses, \
        points with every movement, cards and vouchers, in plain. That it was given out is in the audit.";
    described(docs, "Everything about one person", description)
        .id("get_everything")
        .asks(customer())
        .answers("Everything.", answer, None, true)
        .fails(Fault::NotUnderstood, "A parameter makes no sense.")
        .fails(Fault::Unknown, "Nothing is known of this customer.")
        .fails(Fault::Unavailable, "That it was given out cannot be kept just now.")
}

fn customer() -> ParameterDocs {
    let schema = json_schema!({ "type": "string" });
    ParameterDocs {
        name: "customer".to_owned(),
        description: Some("Number of the customer.".to_owned()),
        schema,
        in_path: true,
    }
}
