//! A table of sales, and the events that are made of it.

use std::collections::BTreeMap;

use storefold_events::{Currency, Payload, wire};
use storefold_sales_table::{Rows, Terms};

use crate::claims;

pub fn run(table: &[u8]) {
    let currency = Currency::new("EUR").unwrap_or_else(|| panic!("EUR is a currency"));
    let terms = Terms::new("Europe/Paris", currency, Some(1_000)).unwrap_or_else(|error| panic!("{error}"));
    let Ok(rows) = Rows::begin(table, terms.exponent()) else { return };
    let mut stores = BTreeMap::new();
    for read in rows {
        // Memory is always read.
        let (place, row) = read.unwrap_or_else(|error| panic!("{error}"));
        let row = match row {
            Ok(row) => row,
            Err(unreadable) => {
                assert!(unreadable.to_string().contains("column `"), "{unreadable} names its column");
                continue;
            }
        };
        let line = terms.sale("import-sales", place.row, &row).unwrap_or_else(|error| panic!("{error}"));
        // The server refuses names beyond its limits.
        if let Ok(event) = wire::read_json(&line) {
            let Payload::SaleValidated(sale) = &event.payload else { panic!("a row is a sale") };
            assert_eq!((&*sale.sale, event.store.as_deref()), (&*row.sale, Some(&*row.store)));
            assert_eq!(sale.customer.as_deref(), row.customer.as_deref());
            assert_eq!((sale.lines[0].quantity, sale.lines[0].gross_minor), (row.quantity, row.amount_minor));
            claims::stands_in_the_log(&event);
            claims::can_be_sent_again(&event);
        }
        stores.insert(row.store, row.date);
    }
    for line in terms.configuration("import-sales", &stores) {
        let line = line.unwrap_or_else(|error| panic!("{error}"));
        let Ok(event) = wire::read_json(&line) else { continue };
        claims::stands_in_the_log(&event);
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        "date,sale,store,customer,quantity,amount\n2026-03-02,1,S,C,1,10.00\n2026-03-03,2,S,,2,0.50\n",
        "sale,store,customer,date,quantity,amount\r\n1,S,\"C, the second\",2026-02-28,12,9.5\r\n2,T,x\r\n",
        "amount, quantity ,date,customer,store,sale,more\n-1,0,2026-02-30,,,,\n\n1e3,1,2026-03-29,c,s,1,2\n",
    ]
    .map(|table| table.as_bytes().to_vec())
    .to_vec()
}
