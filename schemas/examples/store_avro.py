"""Stores a memory by a record in Avro, its schema named by a registry:
python store_avro.py <brokers> <registry URL> <namespace> <coord> <text>"""

import io
import json
import struct
import sys
import urllib.request
import uuid

import fastavro
from confluent_kafka import Producer

from memory_key import memory_key

brokers, registry, namespace, coord, text = sys.argv[1:]

# The newest schema, which the services have registered.
with urllib.request.urlopen(
    f"{registry}/subjects/memory.commands-StoreMemory/versions/latest", timeout=10
) as answer:
    registered = json.load(answer)
schema = fastavro.parse_schema(json.loads(registered["schema"]))

command_id = str(uuid.uuid4())
command = {
    "command_id": command_id,
    "namespace": namespace,
    "coord": coord,
    "payload": json.dumps({"text": text}, ensure_ascii=False),
}
value = io.BytesIO()
value.write(struct.pack(">bI", 0, registered["id"]))
fastavro.schemaless_writer(value, schema, command)

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
    value=value.getvalue(),
    on_delivery=lambda error, message: reports.append((error, message)),
)
producer.flush(35)
if not reports or reports[0][0] is not None:
    sys.exit(f"not delivered, or not surely: send it again with command_id {command_id}")
print(json.dumps({"command_id": command_id, "partition": reports[0][1].partition()}))
