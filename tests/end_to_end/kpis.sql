-- The KPIs once more, reckoned from nothing but the events of the log in `events.parquet`: neither from the rows that answer
-- `/v1/kpis`, nor from the effects that were decided when a sale was taken, but for what goods that came back had cost.
SET TimeZone = 'UTC';

-- The nearest whole number of 1/scale, halves up; nothing where there is nothing to divide by.
CREATE MACRO half_up(n, d, scale) AS CASE WHEN d > 0 THEN
    ((2 * n * scale + d) - (((2 * n * scale + d) % (2 * d)) + 2 * d) % (2 * d)) // (2 * d) END;
CREATE MACRO whole(json, path) AS coalesce((json ->> path)::BIGINT, 0);

-- As last configured; no store of this network changes its clock.
CREATE TABLE stores AS
    SELECT store, data ->> '$.currency' AS currency, data ->> '$.zone' AS zone, data -> '$.area_m2' AS areas,
        (coalesce(data ->> '$.business_day_start', '00:00') || ':00')::INTERVAL AS day_begins
    FROM 'events.parquet' WHERE type = 'StoreConfigured'
    QUALIFY row_number() OVER (PARTITION BY store ORDER BY position DESC) = 1;

-- Every event of a store on the store's day.
CREATE TABLE events AS
    SELECT position, type, store, ((occurred_at AT TIME ZONE zone) - day_begins)::DATE AS day, data::JSON AS data
    FROM 'events.parquet' JOIN stores USING (store);

CREATE TABLE lines_sold AS
    SELECT position, unnest(from_json(data -> '$.lines', '["JSON"]')) AS line FROM events WHERE type = 'SaleValidated';

CREATE TABLE sales AS
    SELECT events.position, store, day, data ->> '$.customer' AS customer, voids.position AS voided_at,
        coalesce(sums.units, 0) AS units, coalesce(sums.net, 0) AS net, sums.costed, sums.cost
    FROM events
    LEFT JOIN (SELECT data ->> '$.sale' AS sale, position FROM events WHERE type = 'SaleVoided') AS voids
        ON voids.sale = data ->> '$.sale'
    LEFT JOIN (
        SELECT position, sum(whole(line, '$.quantity')) AS units,
            sum(whole(line, '$.gross_minor') - whole(line, '$.discount_minor')) AS net,
            sum(whole(line, '$.gross_minor') - whole(line, '$.discount_minor') - whole(line, '$.tax_minor'))
                FILTER (line ->> '$.cost_minor' IS NOT NULL) AS costed,
            sum(whole(line, '$.cost_minor')) AS cost
        FROM lines_sold GROUP BY position) AS sums ON sums.position = events.position
    WHERE type = 'SaleValidated';

-- A customer's first sale in the books; when it is voided, the next one that comes into the books.
CREATE TABLE firsts AS
    WITH RECURSIVE first AS (
        SELECT customer, min(position) AS position FROM sales WHERE customer IS NOT NULL GROUP BY customer
        UNION ALL
        SELECT voided.customer, (SELECT min(position) FROM sales
            WHERE sales.customer = voided.customer AND sales.position > voided.voided_at) AS position
        FROM first JOIN sales AS voided ON voided.position = first.position WHERE voided.voided_at IS NOT NULL)
    SELECT store, day FROM first JOIN sales USING (position) WHERE voided_at IS NULL;

CREATE TABLE returned AS
    SELECT store, day, unnest(from_json(data -> '$.lines', '["JSON"]')) AS line FROM events WHERE type = 'SaleReturned';

CREATE TABLE facts AS
    SELECT store, day, 1 AS sales, units, net AS turnover, costed, cost, customer, (customer IS NOT NULL)::BIGINT AS visits
        FROM sales WHERE voided_at IS NULL
    UNION ALL BY NAME SELECT store, day, -whole(line, '$.quantity') AS units, -whole(line, '$.refund_minor') AS turnover,
        whole(line, '$.refund_minor') AS refunds FROM returned
    UNION ALL BY NAME SELECT store, day, -whole(data, '$.costed.net_minor') AS costed,
        -whole(data, '$.costed.cost_minor') AS cost FROM events WHERE type = 'ReturnValued'
    UNION ALL BY NAME SELECT store, day, whole(data, '$.entered') - whole(data, '$.staff')
        - whole(data, '$.companions') AS visitors FROM events WHERE type = 'FootfallCounted'
    UNION ALL BY NAME SELECT store, day, 1 AS scans, (data ->> '$.outcome' = 'succeeded')::BIGINT AS succeeded,
        (data ->> '$.outcome' = 'succeeded' AND data ->> '$.email' IS NOT NULL)::BIGINT AS identified
        FROM events WHERE type = 'ScanCaptured'
    UNION ALL BY NAME SELECT store, day, 1 AS identified FROM events WHERE type = 'ScanIdentified'
    UNION ALL BY NAME SELECT store, day, 1 AS first_purchases FROM firsts
    UNION ALL BY NAME SELECT store, day, 1 AS created FROM events WHERE type = 'CustomerCreated'
        QUALIFY row_number() OVER (PARTITION BY data ->> '$.customer' ORDER BY position) = 1
    UNION ALL BY NAME SELECT store, day, 1 AS answers,
        half_up(whole(data, '$.score'), whole(data, '$.score_best'), 10000) AS score_e4,
        (whole(data, '$.score') * 5 >= whole(data, '$.score_best') * 4)::BIGINT AS satisfied
        FROM events WHERE type = 'SurveyAnswered';

-- Every store, all stores of a currency, the network: whose stores these are, and whether their amounts have a sum.
CREATE TABLE places AS
    SELECT store AS of_store, NULL::VARCHAR AS of_currency, store, true AS one_currency FROM stores
    UNION ALL SELECT NULL, currency, store, true FROM stores
    UNION ALL SELECT NULL, NULL, store, (SELECT count(DISTINCT currency) = 1 FROM stores) FROM stores;

-- All days, the last thirty, a month of the calendar, one day.
CREATE TABLE windows AS
    WITH known AS (SELECT min(day) AS first_day, max(day) AS last_day FROM facts)
    SELECT first_day, last_day FROM known
    UNION SELECT (last_day - 29)::DATE, last_day FROM known
    UNION SELECT date_trunc('month', last_day - 32)::DATE, last_day(last_day - 32) FROM known
    UNION SELECT (last_day - 3)::DATE, (last_day - 3)::DATE FROM known;

-- What is known of a customer after each event about them, in the order of the log.
CREATE TABLE known_after AS
    WITH said AS (
        SELECT position, occurred_at, store, type, data ->> '$.customer' AS customer, data ->> '$.channel' AS channel,
            type = 'ConsentGranted' AS granted,
            CASE type WHEN 'CustomerCreated' THEN CASE WHEN data ->> '$.email' <> '' THEN true END
                WHEN 'CustomerUpdated' THEN data ->> '$.email' <> '' END AS email,
            CASE type WHEN 'CustomerCreated' THEN CASE WHEN data ->> '$.mobile' <> '' THEN true END
                WHEN 'CustomerUpdated' THEN data ->> '$.mobile' <> '' END AS mobile,
            CASE type WHEN 'CustomerUpdated' THEN data ->> '$.postal_address' <> '' END AS address
        FROM 'events.parquet'
        WHERE type IN ('CustomerCreated', 'CustomerUpdated', 'ConsentGranted', 'ConsentWithdrawn'))
    SELECT position, occurred_at, customer,
        max(CASE WHEN type = 'CustomerCreated' THEN store END) OVER (PARTITION BY customer) AS home,
        bool_or(type = 'CustomerCreated') OVER so_far AS created,
        coalesce(last_value(CASE WHEN channel = 'email' THEN granted END IGNORE NULLS) OVER so_far, false) AS wants_email,
        coalesce(last_value(CASE WHEN channel = 'sms' THEN granted END IGNORE NULLS) OVER so_far, false) AS wants_sms,
        coalesce(last_value(CASE WHEN channel = 'push' THEN granted END IGNORE NULLS) OVER so_far, false) AS wants_push,
        coalesce(last_value(CASE WHEN channel = 'post' THEN granted END IGNORE NULLS) OVER so_far, false) AS wants_post,
        coalesce(last_value(email IGNORE NULLS) OVER so_far, false) AS has_email,
        coalesce(last_value(mobile IGNORE NULLS) OVER so_far, false) AS has_mobile,
        coalesce(last_value(address IGNORE NULLS) OVER so_far, false) AS has_address
    FROM said WINDOW so_far AS (PARTITION BY customer ORDER BY position);

-- What each of these events changes, on the day of the store that opened the file.
CREATE TABLE changes AS
    WITH counted AS (
        SELECT position, occurred_at, customer, home, created::BIGINT AS known,
            (created AND wants_email)::BIGINT AS email, (created AND wants_sms)::BIGINT AS sms,
            (created AND wants_push)::BIGINT AS push, (created AND wants_post)::BIGINT AS post,
            (created AND wants_email AND has_email)::BIGINT AS to_email,
            (created AND wants_sms AND has_mobile)::BIGINT AS to_mobile,
            (created AND wants_post AND has_address)::BIGINT AS to_address
        FROM known_after)
    SELECT store, ((occurred_at AT TIME ZONE zone) - day_begins)::DATE AS day,
        known - lag(known, 1, 0) OVER before AS known, email - lag(email, 1, 0) OVER before AS email,
        sms - lag(sms, 1, 0) OVER before AS sms, push - lag(push, 1, 0) OVER before AS push,
        post - lag(post, 1, 0) OVER before AS post, to_email - lag(to_email, 1, 0) OVER before AS to_email,
        to_mobile - lag(to_mobile, 1, 0) OVER before AS to_mobile,
        to_address - lag(to_address, 1, 0) OVER before AS to_address
    FROM counted JOIN stores ON stores.store = counted.home WINDOW before AS (PARTITION BY customer ORDER BY position);

-- Where the files stand at the end of a window.
CREATE TABLE files AS
    SELECT of_store, of_currency, first_day, last_day, sum(known)::HUGEINT AS known, sum(email)::HUGEINT AS email,
        sum(sms)::HUGEINT AS sms, sum(push)::HUGEINT AS push, sum(post)::HUGEINT AS post,
        sum(to_email)::HUGEINT AS to_email, sum(to_mobile)::HUGEINT AS to_mobile, sum(to_address)::HUGEINT AS to_address
    FROM windows JOIN changes ON day <= last_day JOIN places USING (store) GROUP BY ALL;

-- Square metres on every store day, as far as they are known.
CREATE TABLE areas_of_days AS
    SELECT store, day, (SELECT whole(area, '$.m2') FROM (SELECT unnest(from_json(areas, '["JSON"]')) AS area)
        WHERE (area ->> '$.from')::DATE <= day ORDER BY area ->> '$.from' DESC LIMIT 1) AS m2
    FROM stores, (SELECT unnest(range(min(first_day), max(last_day) + 1, INTERVAL 1 DAY))::DATE AS day FROM windows);

-- Their sum over a window: turnover by the mean area is turnover × days by it. Nothing when a day's is not known.
CREATE TABLE areas AS
    SELECT of_store, of_currency, first_day, last_day, CASE WHEN count(m2) = count(*) THEN sum(m2)::HUGEINT END AS m2_days
    FROM windows JOIN areas_of_days ON day BETWEEN first_day AND last_day JOIN places USING (store)
    GROUP BY ALL;

CREATE TABLE sums AS
    SELECT of_store, of_currency, one_currency, first_day, last_day,
        coalesce(sum(sales), 0)::HUGEINT AS sales,
        coalesce(sum(units), 0)::HUGEINT AS units,
        coalesce(sum(turnover), 0)::HUGEINT AS turnover,
        coalesce(sum(refunds), 0)::HUGEINT AS refunds,
        coalesce(sum(costed), 0)::HUGEINT AS costed,
        coalesce(sum(cost), 0)::HUGEINT AS cost,
        coalesce(sum(visitors), 0)::HUGEINT AS visitors,
        coalesce(sum(scans), 0)::HUGEINT AS scans,
        coalesce(sum(succeeded), 0)::HUGEINT AS succeeded,
        coalesce(sum(identified), 0)::HUGEINT AS identified,
        coalesce(sum(visits), 0)::HUGEINT AS visits,
        coalesce(sum(first_purchases), 0)::HUGEINT AS first_purchases,
        coalesce(sum(created), 0)::HUGEINT AS created,
        coalesce(sum(answers), 0)::HUGEINT AS answers,
        coalesce(sum(score_e4), 0)::HUGEINT AS score_e4,
        coalesce(sum(satisfied), 0)::HUGEINT AS satisfied
    FROM windows JOIN facts ON day BETWEEN first_day AND last_day JOIN places USING (store)
    GROUP BY ALL;

CREATE TABLE buyers AS
    SELECT of_store, of_currency, first_day, last_day, count(*)::HUGEINT AS buyers FROM (
        SELECT of_store, of_currency, first_day, last_day, customer
        FROM windows JOIN facts ON day BETWEEN first_day AND last_day JOIN places USING (store)
        WHERE customer IS NOT NULL GROUP BY ALL HAVING sum(visits) > 0)
    GROUP BY ALL;

CREATE TABLE kpis AS
    SELECT sums.of_store, sums.of_currency, one_currency, sums.first_day, sums.last_day, unnest([
        {kpi: 'turnover', money: true, scale: 1, value: turnover},
        {kpi: 'transactions', money: false, scale: 1, value: sales},
        {kpi: 'visitors', money: false, scale: 1, value: visitors},
        {kpi: 'conversion', money: false, scale: 10000, value: half_up(sales, visitors, 10000)},
        {kpi: 'average_basket', money: true, scale: 1, value: half_up(turnover, sales, 1)},
        {kpi: 'units_per_transaction', money: false, scale: 100, value: half_up(units, sales, 100)},
        {kpi: 'sales_per_m2', money: true, scale: 1, value: half_up(turnover * (sums.last_day - sums.first_day + 1), m2_days, 1)},
        {kpi: 'shopper_yield', money: true, scale: 1, value: half_up(turnover, visitors, 1)},
        {kpi: 'margin', money: true, scale: 1, value: costed - cost},
        {kpi: 'margin_rate', money: true, scale: 10000, value: half_up(costed - cost, costed, 10000)},
        {kpi: 'active_customers', money: false, scale: 1, value: coalesce(buyers, 0)},
        {kpi: 'visits', money: false, scale: 1, value: visits},
        {kpi: 'purchase_frequency', money: false, scale: 100, value: half_up(visits, buyers, 100)},
        {kpi: 'recruitment', money: false, scale: 1, value: created},
        {kpi: 'new_customer_share', money: false, scale: 10000, value: half_up(first_purchases, sales, 10000)},
        {kpi: 'optin_email', money: false, scale: 10000, value: half_up(files.email, known, 10000)},
        {kpi: 'optin_sms', money: false, scale: 10000, value: half_up(sms, known, 10000)},
        {kpi: 'optin_push', money: false, scale: 10000, value: half_up(push, known, 10000)},
        {kpi: 'optin_post', money: false, scale: 10000, value: half_up(post, known, 10000)},
        {kpi: 'reach_email', money: false, scale: 10000, value: half_up(to_email, known, 10000)},
        {kpi: 'reach_sms', money: false, scale: 10000, value: half_up(to_mobile, known, 10000)},
        {kpi: 'reach_post', money: false, scale: 10000, value: half_up(to_address, known, 10000)},
        {kpi: 'satisfaction', money: false, scale: 10000, value: half_up(score_e4, 10000 * answers, 10000)},
        {kpi: 'satisfied_share', money: false, scale: 10000, value: half_up(satisfied, answers, 10000)},
        {kpi: 'scans', money: false, scale: 1, value: scans},
        {kpi: 'successful_scans', money: false, scale: 1, value: succeeded},
        {kpi: 'emails', money: false, scale: 1, value: identified},
        {kpi: 'scan_success', money: false, scale: 10000, value: half_up(succeeded, scans, 10000)},
        {kpi: 'email_capture', money: false, scale: 10000, value: half_up(identified, succeeded, 10000)},
        {kpi: 'return_rate', money: true, scale: 10000, value: half_up(refunds, turnover + refunds, 10000)},
        -- Those that the company defines.
        {kpi: 'units_per_visitor', money: false, scale: 1000, value: half_up(units, visitors, 1000)},
        {kpi: 'twice_and_margin', money: true, scale: 1, value: half_up(2 * turnover + (costed - cost) * visitors, visitors, 1)}
    ], recursive := true)
    FROM sums
    LEFT JOIN buyers ON (buyers.of_store, buyers.of_currency, buyers.first_day, buyers.last_day)
        IS NOT DISTINCT FROM (sums.of_store, sums.of_currency, sums.first_day, sums.last_day)
    LEFT JOIN files ON (files.of_store, files.of_currency, files.first_day, files.last_day)
        IS NOT DISTINCT FROM (sums.of_store, sums.of_currency, sums.first_day, sums.last_day)
    LEFT JOIN areas ON (areas.of_store, areas.of_currency, areas.first_day, areas.last_day)
        IS NOT DISTINCT FROM (sums.of_store, sums.of_currency, sums.first_day, sums.last_day);

SELECT of_store AS store, of_currency AS currency, first_day, last_day, kpi, scale,
    CASE WHEN one_currency OR NOT money THEN value END AS value
FROM kpis ORDER BY ALL;
