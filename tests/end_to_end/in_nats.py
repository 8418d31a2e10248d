"""A device on NATS: takes orders, a line of JSON each, and prints what came of each.

Arguments: addresses, file of the authority, user, password. An order is {"publish": SUBJECT, "body": TEXT, "ack": BOOL},
{"subscribe": SUBJECT}, or {"id": …} beside them for the server's own window of repeats.
"""
import asyncio
import json
import ssl
import sys

import nats


async def main(addresses, authority, user, password):
    errors = []

    async def heard(error):
        errors.append(str(error))

    connection = await nats.connect(
        addresses.replace("nats://", "tls://").split(","),
        user=user,
        password=password,
        tls=ssl.create_default_context(cafile=authority),
        inbox_prefix=f"_INBOX_{user}".encode(),
        error_cb=heard,
    )
    stream = connection.jetstream(timeout=2)
    for line in sys.stdin:
        order = json.loads(line)
        errors.clear()
        answer = {}
        if "subscribe" in order:
            await connection.subscribe(order["subscribe"])
        elif order["ack"]:
            headers = {"Nats-Msg-Id": order["id"]} if "id" in order else None
            try:
                kept = await stream.publish(order["publish"], order["body"].encode(), headers=headers)
                answer = {"stream": kept.stream, "duplicate": bool(kept.duplicate)}
            except Exception as error:
                answer = {"failed": type(error).__name__}
        else:
            await connection.publish(order["publish"], order["body"].encode())
        # The server answers in order: what it refused of the order before comes before this answer.
        await connection.flush()
        # The client tells of it in a task of its own, which has its turn while the next answer is waited for.
        await connection.flush()
        if errors:
            answer["refused"] = errors[0]
        print(json.dumps(answer))
    await connection.close()


asyncio.run(main(*sys.argv[1:]))
