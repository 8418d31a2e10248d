"""Makes three reports of a table of events with DuckDB, and says how long each took.

Reads one JSON object from standard input and prints one.
"""

import json
import os
import sys
import time

import duckdb

asked = json.load(sys.stdin)
database = duckdb.connect(config={"threads": asked["threads"]})
# It would be printed among the answer.
database.execute("set enable_progress_bar = false")
columns = {name: kind for name, kind in asked["columns"]}
csv, parquet = asked["csv"], asked["parquet"]

database.execute(
    f"copy (select * from read_csv('{csv}', header = false, columns = {columns})) "
    f"to '{parquet}' (format parquet, compression zstd)"
)


def report(events):
    """Seconds for each report, made as a table in memory."""
    seconds = []
    for name, query in asked["reports"]:
        begun = time.perf_counter()
        database.execute(f"create or replace temp table {name} as {query.replace('EVENTS', events)}")
        seconds.append(time.perf_counter() - begun)
    return seconds


def totals():
    found = database.execute(asked["totals"])
    return dict(zip([column[0] for column in found.description], found.fetchone()))


whole = f"read_parquet('{parquet}')"
report(whole)
runs = [report(whole) for _ in range(asked["runs"])]
of_whole = totals()
report(f"(select * from {whole} where position <= {asked['first']})")

print(
    json.dumps(
        {
            "version": duckdb.__version__,
            "parquet_bytes": os.path.getsize(parquet),
            "runs": runs,
            "totals": of_whole,
            "totals_of_first": totals(),
        }
    )
)
