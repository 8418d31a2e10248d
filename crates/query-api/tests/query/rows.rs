use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{World, scan, store};

const DAYS: &str = "/v1/read-models/store-performance/rows";

async fn with_scans(count: u64) -> (World, u64) {
    let world = World::start().await;
    let mut facts = vec![store("FR-PAR-01")];
    facts.extend((1..=count).map(|seq| {
        let day = chrono::DateTime::parse_from_rfc3339("2026-11-23T10:15:00+01:00").unwrap();
        let at = day - chrono::Days::new(seq - 1);
        scan("FR-PAR-01", seq, &at.to_rfc3339())
    }));
    let position = world.given(&facts).await;
    (world, position)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rows_come_at_one_position_in_csv_and_in_ndjson() {
    let (world, position) = with_scans(3_000).await;
    let csv = world.get(DAYS).await;
    assert_eq!((csv.status, csv.content_type.as_str()), (200, "text/csv; charset=utf-8; header=present"));
    assert_eq!(csv.position, Some(position));
    let text = csv.json.as_str().unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("store,name,day,scans_attempted,"), "{text}");
    assert_eq!(lines.clone().count(), 3_000);
    assert!(lines.next_back().unwrap().starts_with("FR-PAR-01,A store,2026-11-23,1,1,0,"), "{text}");

    let ndjson = world.get(&format!("{DAYS}?format=ndjson&table=scanners&at_least={position}")).await;
    assert_eq!(ndjson.content_type, "application/x-ndjson");
    let scanner = json!({ "scanner": "0012", "registered": false, "stands_in": null, "stores": "FR-PAR-01",
        "first_day": "2018-09-07", "last_day": "2026-11-23" });
    assert_eq!(ndjson.json, scanner);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_chosen_by_accept_and_by_a_parameter_before_it() {
    let (world, position) = with_scans(3).await;
    let workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let parquet = "application/vnd.apache.parquet";
    for (query, accept, content_type, ending, start) in [
        ("", "*/*", "text/csv; charset=utf-8; header=present", "csv", "store,name,day,"),
        ("", "application/json;q=0.9, text/html", "application/json", "json", "[\n{\"store\":\"FR-PAR-01\","),
        ("", parquet, parquet, "parquet", "PAR1"),
        ("", workbook, workbook, "xlsx", "PK"),
        ("?format=ndjson", parquet, "application/x-ndjson", "ndjson", "{\"store\":"),
        ("?format=xlsx", "application/json", workbook, "xlsx", "PK"),
    ] {
        let request = Request::get(format!("{DAYS}{query}")).header("accept", accept).body(Body::empty()).unwrap();
        let answer = world.router.clone().oneshot(request).await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((header("content-type"), header("x-storefold-rows")), (content_type.to_owned(), "3".to_owned()));
        let file = format!("attachment; filename=\"store-performance-days-{position}.{ending}\"");
        assert_eq!((header("content-disposition"), header("vary")), (file, "accept".to_owned()));
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(bytes.starts_with(start.as_bytes()), "{ending}: {bytes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_exported_is_refused_with_what_can() {
    let (world, _) = with_scans(1).await;
    for (path, status, code, says) in [
        ("/v1/read-models/stores/rows", 404, "unknown_read_model", "there are store-performance, email-capture-rate"),
        ("/v1/read-models/store-performance/rows?table=day", 404, "unknown_table", "it has days, scanner-days, errors"),
        (
            "/v1/read-models/store-performance/rows?snapshot=x",
            404,
            "unknown_snapshot",
            "storefold rebuild all --snapshot",
        ),
        (
            "/v1/read-models/store-performance/rows?format=xls",
            400,
            "bad_parameter",
            "is none of csv, ndjson, json, xlsx, parquet",
        ),
        ("/v1/read-models/store-performance/rows?formt=csv", 400, "bad_parameter", "`formt` is not a parameter here"),
    ] {
        let refused = world.get(path).await;
        assert_eq!((refused.status, &refused.json["code"]), (status, &json!(code)), "{path}");
        assert!(refused.json["detail"].as_str().unwrap().contains(says), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_listed_with_their_columns_and_described() {
    let (world, _) = with_scans(1).await;
    let models = world.get("/v1/read-models").await.json;
    let tables = |model: &str| -> Vec<Value> {
        let mut models = models["read_models"].as_array().unwrap().iter();
        let tables = models.find(|known| known["model"] == model).unwrap()["tables"].as_array().unwrap();
        tables.clone()
    };
    let names = |model: &str| -> Vec<Value> { tables(model).iter().map(|table| table["table"].clone()).collect() };
    assert_eq!(names("store-performance"), ["days", "scanner-days", "errors", "stores", "scanners"]);
    assert_eq!(names("loyalty-balance"), ["accounts", "movements"]);
    let customer = &tables("loyalty-balance")[0]["columns"][0];
    let expected = (&json!("customer"), &json!("text"), &json!(false));
    assert_eq!((&customer["column"], &customer["type"], &customer["optional"]), expected);
    let document = world.get("/openapi.json").await.json;
    let described = &document["paths"]["/v1/read-models/{model}/rows"]["get"];
    let records = &described["responses"]["200"]["content"]["application/x-ndjson"]["schema"]["anyOf"];
    let listed =
        models["read_models"].as_array().unwrap().iter().map(|model| model["tables"].as_array().unwrap().len());
    assert_eq!(records.as_array().unwrap().len(), listed.sum::<usize>(), "each table has a record of its own");
    for record in records.as_array().unwrap() {
        let name = record["$ref"].as_str().unwrap();
        assert!(document.pointer(name.trim_start_matches('#')).is_some(), "{name}");
    }
}
