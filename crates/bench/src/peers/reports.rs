//! The three reports in SQL, over a table of events as [`crate::rebuild`] writes it.

/// Stands for the table.
pub const EVENTS: &str = "EVENTS";

/// Name and query of each report: what the read models keep of stores, of email capture, and of points.
pub const REPORTS: [(&str, &str); 3] = [
    (
        "performance",
        "select store, day,
            count(*) filter (where type = 'ScanCaptured') as attempted,
            count(*) filter (where outcome = 'succeeded') as succeeded,
            count(*) filter (where gender = 'female') as female,
            count(*) filter (where gender = 'male') as male,
            count(*) filter (where type = 'ScanIdentified' or (outcome = 'succeeded' and with_email)) as emails,
            count(*) filter (where type = 'SaleValidated') - count(*) filter (where type = 'SaleReversed') as sales,
            count(*) filter (where type = 'SaleReturned') as returns,
            sum(units) filter (where type in ('SaleValidated', 'SaleReversed')) as units_sold,
            -sum(units) filter (where type = 'ReturnValued') as units_returned,
            -sum(amount_minor) filter (where type = 'ReturnValued') as refund_minor,
            sum(amount_minor) as turnover_minor, sum(tax_minor) as tax_minor
        from EVENTS
        where type in ('ScanCaptured', 'ScanIdentified', 'SaleValidated', 'SaleReturned', 'ReturnValued', 'SaleReversed')
        group by store, day",
    ),
    (
        "capture",
        "select store, day,
            count(*) filter (where type = 'ScanCaptured') as attempted,
            count(*) filter (where outcome = 'succeeded') as successful,
            count(*) filter (where type = 'ScanIdentified' or (outcome = 'succeeded' and with_email)) as identified
        from EVENTS where type in ('ScanCaptured', 'ScanIdentified') group by store, day",
    ),
    (
        "loyalty",
        "select customer, programme, count(*) as movements, sum(points) as points
        from EVENTS where type in ('PointsEarned', 'PointsReversed') group by customer, programme",
    ),
];

/// The sums over the reports, as [`crate::rebuild::Totals`] has them. `CUSTOMERS` stands for the end of a number.
pub const TOTALS: &str =
    "select cast(sum(attempted) as bigint) as attempted, cast(sum(succeeded) as bigint) as succeeded,
        cast(sum(emails) as bigint) as emails, (select cast(sum(identified) as bigint) from capture) as identified,
        cast(sum(sales) as bigint) as sales, cast(sum(returns) as bigint) as returns,
        cast(sum(units_sold) as bigint) as units_sold, cast(sum(units_returned) as bigint) as units_returned,
        cast(sum(turnover_minor) as bigint) as turnover_minor, cast(sum(tax_minor) as bigint) as tax_minor,
        (select cast(sum(points) as bigint) from loyalty where customer like '%CUSTOMERS') as points
    from performance";
