"""Stores a memory by a record in JSON: python store_json.py <brokers> <namespace> <coord> <text>"""

import json
import sys
import uuid

from confluent_kafka import Producer

from memory_key import memory_key

brokers, namespace, coord, text = sys.argv[1:]
command_id = str(uuid.uuid4())
command = {
    "type": "StoreMemory",
    "command_id": command_id,
    "namespace": namespace,
    "coord": coord,
    "payload": {"text": text},
}
reports = []
producer = Producer(
    {
        "bootstrap.servers": brokers,
        "partitioner": "murmur2_random",
        "enable.idempotence": True,
        "delivery.timeout.ms": 30_000,
    }
)
producer.produce(
    "memory.commands",
    key=memory_key(namespace, coord),
    value=json.dumps(command, ensure_ascii=False).encode(),
    headers={"content-type": "application/json"},
    on_delivery=lambda error, message: reports.append((error, message)),
)
producer.flush(35)
if not reports or reports[0][0] is not None:
    sys.exit(f"not delivered, or not surely: send it again with command_id {command_id}")
print(json.dumps({"command_id": command_id, "partition": reports[0][1].partition()}))
