"""What schemathesis is told of Storefold: two forms that it does not know, and what an answer has to be beside what the
document says."""

import json
import struct

import schemathesis

# At another time the same request is right.
LATER = {"not_there_yet", "overloaded"}

# Waiting for a position that never comes takes 5 s a request.
POSITION_MAX = 3


@schemathesis.hook
def map_query(ctx, query):
    if query and str(query.get("at_least", "")).isdecimal():
        query["at_least"] = min(int(query["at_least"]), POSITION_MAX)
    return query


@schemathesis.serializer("application/x-ndjson")
def lines(ctx, value):
    if isinstance(value, bytes):
        return value
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.serializer("application/msgpack")
def packed(ctx, value):
    return value if isinstance(value, bytes) else pack(value)


@schemathesis.deserializer("application/x-ndjson")
def first_record(ctx, response):
    first = response.content.split(b"\n", 1)[0]
    return json.loads(first) if first else None


def pack(value):
    """MessagePack, in the longest form of each kind."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return b"\xd3" + value.to_bytes(8, "big", signed=True)
        return pack(float(value)) if abs(value) < 2**1000 else pack(str(value))
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode("utf-8", "surrogatepass")
        return b"\xdb" + len(text).to_bytes(4, "big") + text
    if isinstance(value, list):
        return b"\xdd" + len(value).to_bytes(4, "big") + b"".join(map(pack, value))
    return b"\xdf" + len(value).to_bytes(4, "big") + b"".join(pack(k) + pack(v) for k, v in value.items())


@schemathesis.check
def fails_as_promised(ctx, response, case):
    """No 500; 503 only where another time would do; every refusal is a problem with a code and a sentence."""
    if response.status_code < 400:
        return
    problem = json.loads(response.content)
    assert response.headers["content-type"] == ["application/problem+json"], response.headers["content-type"]
    assert problem["code"] and problem["detail"], "a problem has a code and a sentence"
    assert problem["status"] == response.status_code
    if response.status_code >= 500:
        assert response.status_code == 503 and problem["code"] in LATER, problem
        assert response.headers.get("retry-after"), "503 says when to come again"
