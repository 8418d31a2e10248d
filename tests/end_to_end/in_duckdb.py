"""Runs SQL from stdin over the files of a directory, and prints what its last statement answers as JSON."""

import json
import os
import sys

import duckdb

os.chdir(sys.argv[1])
answer = duckdb.connect().execute(sys.stdin.read())
names = [column[0] for column in answer.description]
json.dump([dict(zip(names, row)) for row in answer.fetchall()], sys.stdout, default=str)
