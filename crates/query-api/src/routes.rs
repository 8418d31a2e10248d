//! The routes, made from the questions.

use std::sync::Arc;

use aide::{
    axum::{ApiRouter, routing},
    generate::in_context,
    transform::TransformOperation,
};
use axum::Extension;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::json;
use storefold_http_kit::{Clock, Describe, Fault, ParameterDocs, Params, Problem, at_least};
use storefold_projection::{Question, QuestionId, Reach, RunnerHandle};

use crate::{
    ask::{Added, Mounted, SNAPSHOT},
    changes, operations, schema,
};

/// One route for every question of the runner's models, and those to look after the models.
///
/// # Panics
/// When two questions have the same path: the list of read models is wrong then.
pub fn routes(models: &RunnerHandle, clock: &Clock) -> ApiRouter {
    let operations = operations::routes(models, clock).merge(changes::routes(models));
    models.questions().fold(operations, |router, (id, model, question)| {
        let parameters = schema::parameters(question);
        let added: Vec<_> = models.questions().filter_map(|other| added(&other, question)).collect();
        let schemas: Vec<_> = added.iter().map(|(added, schema)| (added.field, *schema)).collect();
        let mounted = Arc::new(Mounted {
            models: models.clone(),
            clock: Arc::clone(clock),
            question: id,
            model,
            added: added.into_iter().map(|(added, _)| added).collect(),
        });
        let handler = move |reach: Option<Extension<Arc<dyn Reach>>>, params: Result<Params, Problem>| {
            let mounted = Arc::clone(&mounted);
            async move { mounted.ask(params, reach.map(|Extension(reach)| reach)).await }
        };
        let described = routing::get_with(handler, |docs| describe(docs, (model, question), parameters, &schemas));
        router.api_route(question.path, described)
    })
}

/// The schema of an answer.
type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What another question adds to a question's answer, if it does.
fn added((id, model, other): &(QuestionId, &'static str, &Question), question: &Question) -> Option<(Added, SchemaOf)> {
    let (_, field) = other.added_to.filter(|(path, _)| *path == question.path)?;
    Some((Added { field, question: *id, model }, other.answer_schema))
}

fn describe<'t>(
    docs: TransformOperation<'t>,
    (model, question): (&str, &Question),
    parameters: Vec<ParameterDocs>,
    added: &[(&str, SchemaOf)],
) -> TransformOperation<'t> {
    let answer = in_context(|context| {
        let own = (question.answer_schema)(&mut context.schema);
        if added.is_empty() {
            return own;
        }
        let mut parts = vec![serde_json::Value::from(own)];
        for (field, schema) in added {
            let schema = serde_json::Value::from(schema(&mut context.schema));
            let properties = serde_json::Map::from_iter([((*field).to_owned(), schema)]);
            parts.push(json!({ "type": "object", "required": [field], "properties": properties }));
        }
        json_schema!({ "allOf": parts })
    });
    let docs = docs.id(&operation_id(question.path)).tag(model).summary(question.summary);
    let docs = docs.description(question.description);
    let docs = parameters.into_iter().fold(docs, Describe::asks);
    docs.asks(at_least())
        .asks(snapshot())
        .answers(question.summary, answer, None, true)
        .fails(Fault::NotUnderstood, "A parameter makes no sense; `field` names it.")
        .fails(Fault::Unknown, "What is asked about is not known to the read model.")
        .fails(Fault::Unavailable, "The read model has not come to `at_least` yet; `position` says how far it is.")
}

fn snapshot() -> ParameterDocs {
    let description = "Answer from the snapshot of this name instead of the rows of now; see POST /v1/rebuilds. \
        `at_least` does not matter then.";
    ParameterDocs {
        name: SNAPSHOT.to_owned(),
        description: Some(description.to_owned()),
        schema: json_schema!({ "type": "string" }),
        in_path: false,
    }
}

/// `get_stores_store_performance`
fn operation_id(path: &str) -> String {
    let words = path.trim_start_matches("/v1").split(|char: char| !char.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).fold("get".to_owned(), |id, word| format!("{id}_{word}"))
}
