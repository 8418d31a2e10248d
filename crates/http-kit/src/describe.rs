//! Words for describing routes whose handlers read and write raw bytes, so that their types say nothing.

use aide::{
    OperationOutput,
    generate::in_context,
    openapi::{
        Header, HeaderStyle, MediaType, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle, QueryStyle,
        ReferenceOr, RequestBody, Response, SchemaObject, StatusCode,
    },
    transform::TransformOperation,
};
use schemars::{Schema, json_schema};
use serde_json::Value;

use crate::{POSITION_HEADER, Problem};

/// A way for a request to go wrong, by what the client can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 400: body or parameter has to be corrected.
    NotUnderstood,
    /// 401: nobody has signed in, or the token is none.
    NotSignedIn,
    /// 403: whoever asks has no right to this.
    Forbidden,
    /// 404: what is asked about is not known.
    Unknown,
    /// 409: something that is there already has to end or go first.
    InTheWay,
    /// 413: it has to be sent in smaller parts.
    TooLarge,
    /// 415: it has to be sent in another form.
    UnsupportedMediaType,
    /// 422: the business says no.
    Refused,
    /// 429: this client has to wait.
    TooMany,
    /// 500: something here is broken or damaged, and somebody has to see to it.
    Damaged,
    /// 503: the same can be sent again later.
    Unavailable,
}

impl Fault {
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::NotUnderstood => 400,
            Self::NotSignedIn => 401,
            Self::Forbidden => 403,
            Self::Unknown => 404,
            Self::InTheWay => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Refused => 422,
            Self::TooMany => 429,
            Self::Damaged => 500,
            Self::Unavailable => 503,
        }
    }
}

/// One parameter of a route.
pub struct ParameterDocs {
    /// As it stands in the path template or the query string.
    pub name: String,
    /// What it says.
    pub description: Option<String>,
    /// What it may be.
    pub schema: Schema,
    /// Whether it stands in the path.
    pub in_path: bool,
}

/// What routes are described with beside the words that aide has.
pub trait Describe: Sized {
    /// The body of the request: media types, each with its schema and an example (`null` for none).
    #[must_use]
    fn takes(self, description: &str, forms: Vec<(&str, Schema, Value)>) -> Self;

    /// A parameter; one of the path is required, one of the query string is not.
    #[must_use]
    fn asks(self, parameter: ParameterDocs) -> Self;

    /// The answer when nothing is wrong, in JSON. `positioned` tells that it carries the position it is complete up to.
    #[must_use]
    fn answers(self, description: &str, schema: Schema, example: Option<Value>, positioned: bool) -> Self;

    /// The answer when what is asked for has begun and goes on, in JSON.
    #[must_use]
    fn begins(self, description: &str, schema: Schema) -> Self;

    /// The answer when it is done and there is nothing to say.
    #[must_use]
    fn says_nothing(self, description: &str) -> Self;

    /// A long answer in one of several media types, each with its schema, in the words of `description`. It carries the
    /// position it is complete up to.
    #[must_use]
    fn streams(self, description: &str, forms: Vec<(&str, Schema)>) -> Self;

    /// The same without a position.
    #[must_use]
    fn writes(self, description: &str, forms: Vec<(&str, Schema)>) -> Self;

    /// A way to go wrong, and when.
    #[must_use]
    fn fails(self, fault: Fault, when: &str) -> Self;
}

impl Describe for TransformOperation<'_> {
    fn takes(mut self, description: &str, forms: Vec<(&str, Schema, Value)>) -> Self {
        let media = |schema, example: Value| MediaType {
            schema: Some(object(schema)),
            example: (!example.is_null()).then_some(example),
            ..MediaType::default()
        };
        let content =
            forms.into_iter().map(|(name, schema, example)| (name.to_owned(), media(schema, example))).collect();
        let body = RequestBody {
            description: Some(description.to_owned()),
            content,
            required: true,
            ..RequestBody::default()
        };
        self.inner_mut().request_body = Some(ReferenceOr::Item(body));
        self
    }

    fn asks(mut self, parameter: ParameterDocs) -> Self {
        let parameter_data = ParameterData {
            name: parameter.name,
            description: parameter.description,
            required: parameter.in_path,
            deprecated: None,
            format: ParameterSchemaOrContent::Schema(object(parameter.schema)),
            example: None,
            examples: [].into(),
            explode: None,
            extensions: [].into(),
        };
        let parameter = if parameter.in_path {
            Parameter::Path { parameter_data, style: PathStyle::Simple }
        } else {
            let (allow_reserved, style, allow_empty_value) = (false, QueryStyle::Form, None);
            Parameter::Query { parameter_data, allow_reserved, style, allow_empty_value }
        };
        self.inner_mut().parameters.push(ReferenceOr::Item(parameter));
        self
    }

    fn answers(mut self, description: &str, schema: Schema, example: Option<Value>, positioned: bool) -> Self {
        let media = MediaType { schema: Some(object(schema)), example, ..MediaType::default() };
        let response = Response {
            description: description.to_owned(),
            content: [("application/json".to_owned(), media)].into(),
            headers: if positioned { [position_header()].into() } else { [].into() },
            ..Response::default()
        };
        self.insert(200, response);
        self
    }

    fn begins(mut self, description: &str, schema: Schema) -> Self {
        let media = MediaType { schema: Some(object(schema)), ..MediaType::default() };
        let content = [("application/json".to_owned(), media)].into();
        self.insert(202, Response { description: description.to_owned(), content, ..Response::default() });
        self
    }

    fn says_nothing(mut self, description: &str) -> Self {
        self.insert(204, Response { description: description.to_owned(), ..Response::default() });
        self
    }

    fn streams(mut self, description: &str, forms: Vec<(&str, Schema)>) -> Self {
        self.insert(200, Response { headers: [position_header()].into(), ..in_forms(description, forms) });
        self
    }

    fn writes(mut self, description: &str, forms: Vec<(&str, Schema)>) -> Self {
        self.insert(200, in_forms(description, forms));
        self
    }

    fn fails(mut self, fault: Fault, when: &str) -> Self {
        let docs = in_context(|context| Problem::operation_response(context, self.inner_mut()));
        let response = Response { description: when.to_owned(), ..docs.expect("a problem describes itself") };
        self.insert(fault.status(), response);
        self
    }
}

fn in_forms(description: &str, forms: Vec<(&str, Schema)>) -> Response {
    let media = |schema| MediaType { schema: Some(object(schema)), ..MediaType::default() };
    Response {
        description: description.to_owned(),
        content: forms.into_iter().map(|(name, schema)| (name.to_owned(), media(schema))).collect(),
        ..Response::default()
    }
}

trait Insert {
    fn insert(&mut self, status: u16, response: Response);
}

impl Insert for TransformOperation<'_> {
    fn insert(&mut self, status: u16, response: Response) {
        let responses = self.inner_mut().responses.get_or_insert_default();
        responses.responses.insert(StatusCode::Code(status), ReferenceOr::Item(response));
    }
}

fn position_header() -> (String, ReferenceOr<Header>) {
    let header = Header {
        description: Some("Every event up to this position (inclusive) is in the answer.".to_owned()),
        style: HeaderStyle::Simple,
        required: true,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(object(json_schema!({ "type": "integer", "minimum": 0 }))),
        example: None,
        examples: [].into(),
        extensions: [].into(),
    };
    (POSITION_HEADER.to_string(), ReferenceOr::Item(header))
}

fn object(json_schema: Schema) -> SchemaObject {
    SchemaObject { json_schema, external_docs: None, example: None }
}
