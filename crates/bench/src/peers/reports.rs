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
pub const TOTALS: &str = "select sum_of.*,
        (select cast(coalesce(sum(identified), 0) as bigint) from capture) as identified,
        (select cast(coalesce(sum(points), 0) as bigint) from loyalty where customer like '%CUSTOMERS') as points
    from (select cast(coalesce(sum(attempted), 0) as bigint) as attempted,
        cast(coalesce(sum(succeeded), 0) as bigint) as succeeded, cast(coalesce(sum(emails), 0) as bigint) as emails,
        cast(coalesce(sum(sales), 0) as bigint) as sales, cast(coalesce(sum(returns), 0) as bigint) as returns,
        cast(coalesce(sum(units_sold), 0) as bigint) as units_sold,
        cast(coalesce(sum(units_returned), 0) as bigint) as units_returned,
        cast(coalesce(sum(turnover_minor), 0) as bigint) as turnover_minor,
        cast(coalesce(sum(tax_minor), 0) as bigint) as tax_minor from performance) sum_of";
