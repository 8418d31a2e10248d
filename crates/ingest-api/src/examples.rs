//! Examples in the description of the API.

use serde_json::{Value, json};

pub(crate) fn scan() -> Value {
    json!({
        "source": "scanner-0012", "seq": 184, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:15:00+01:00",
        "type": "ScanCaptured",
        "data": {
            "scan": "0012-184", "scanner": "0012", "outcome": "succeeded", "gender": "female", "size_mondo_mm": 245,
            "email": "a@example.com",
        },
    })
}

pub(crate) fn claim() -> Value {
    json!({
        "source": "till-FR-PAR-01-1", "seq": 10, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:21:00+01:00",
        "data": { "programme": "brand", "customer": "C-77", "sale": "T1-000009", "product": "SCARF" },
    })
}

pub(crate) fn lines() -> Value {
    let mut failed = scan();
    failed["seq"] = json!(185);
    failed["data"] =
        json!({ "scan": "0012-185", "scanner": "0012", "outcome": "failed", "error_code": "too_much_sunlight" });
    json!(format!("{}\n{failed}\n", scan()))
}

pub(crate) fn answer() -> Value {
    json!({
        "accepted": 1, "duplicate": 1, "rejected": 1, "position": 4711,
        "results": [
            { "status": "accepted", "position": 4711, "caused": [] },
            { "status": "duplicate", "position": 12 },
            {
                "status": "rejected", "code": "quantity_not_positive", "field": "data.lines[0].quantity",
                "detail": "`data.lines[0].quantity` is -2; a quantity is 1 or more, and goods that come back are a \
                    SaleReturned",
            },
        ],
    })
}
