"""A stand-in of Qdrant's REST API for tests: Qdrant's own local mode behind an HTTP server.

Bodies are parsed by the models that are generated from Qdrant's OpenAPI, so that a request Qdrant would not understand
is refused here too. Exact, in memory, one request at a time. Prints its port; ends when its stdin does.
"""

import json
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from pydantic import TypeAdapter, ValidationError
from qdrant_client import QdrantClient, models
from qdrant_client.local import payload_filters

# To Python a bool is an int. To Qdrant it is not: no range holds true, and 1 is not true.
ranges, match = payload_filters.check_range, payload_filters.check_match


def check_range(condition, value):
    return not isinstance(value, bool) and ranges(condition, value)


def check_match(condition, value):
    if isinstance(condition, models.MatchValue) and isinstance(value, bool) != isinstance(condition.value, bool):
        return False
    return match(condition, value)


payload_filters.check_range, payload_filters.check_match = check_range, check_match

client = QdrantClient(":memory:")
lock = threading.Lock()


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def parsed(kind, body):
    return TypeAdapter(kind).validate_python(body)


def existing(name):
    if not client.collection_exists(name):
        raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
    return name


def create_collection(name, body):
    if client.collection_exists(name):
        raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
    wanted = parsed(models.CreateCollection, body)
    return client.create_collection(
        name,
        vectors_config=wanted.vectors,
        sparse_vectors_config=wanted.sparse_vectors,
        metadata=wanted.metadata,
    )


def update_points(name, body):
    upsert = parsed(models.PointsList, body)
    client.upsert(existing(name), upsert.points, update_filter=upsert.update_filter, update_mode=upsert.update_mode)
    return {"operation_id": 0, "status": "completed"}


def create_index(name, body):
    parsed(models.CreateFieldIndex, body)
    existing(name)
    return {"operation_id": 0, "status": "completed"}


def retrieve(name, body):
    wanted = parsed(models.PointRequest, body)
    points = client.retrieve(
        existing(name),
        wanted.ids,
        with_payload=wanted.with_payload or False,
        with_vectors=wanted.with_vector or False,
    )
    return [{"id": p.id, "payload": p.payload, "vector": plain(p.vector)} for p in points]


def scroll(name, body):
    wanted = parsed(models.ScrollRequest, body)
    points, following = client.scroll(
        existing(name),
        scroll_filter=wanted.filter,
        limit=wanted.limit or 10,
        offset=wanted.offset,
        with_payload=wanted.with_payload if wanted.with_payload is not None else True,
        with_vectors=wanted.with_vector or False,
    )
    found = [{"id": p.id, "payload": p.payload, "vector": plain(p.vector)} for p in points]
    return {"points": found, "next_page_offset": following}


def plain(vector):
    if isinstance(vector, dict):
        return {name: plain(part) for name, part in vector.items()}
    return vector.model_dump() if hasattr(vector, "model_dump") else vector


def query_batch(name, body):
    batch = parsed(models.QueryRequestBatch, body)
    answers = client.query_batch_points(existing(name), batch.searches)
    return [
        {
            "points": [
                {"id": p.id, "version": 0, "score": p.score, "payload": p.payload, "vector": plain(p.vector)}
                for p in answer.points
            ]
        }
        for answer in answers
    ]


def delete_points(name, body):
    client.delete(existing(name), parsed(models.FilterSelector | models.PointIdsList, body))
    return {"operation_id": 0, "status": "completed"}


def set_payload(name, body):
    wanted = parsed(models.SetPayload, body)
    client.set_payload(existing(name), wanted.payload, wanted.points or wanted.filter, key=wanted.key)
    return {"operation_id": 0, "status": "completed"}


def count(name, body):
    wanted = parsed(models.CountRequest, body)
    return {"count": client.count(existing(name), wanted.filter, exact=True).count}


ROUTES = [
    ("GET", r"/collections/([^/]+)", lambda name, _: client.get_collection(existing(name)).model_dump(mode="json")),
    ("PUT", r"/collections/([^/]+)", create_collection),
    ("DELETE", r"/collections/([^/]+)", lambda name, _: client.delete_collection(name)),
    ("PUT", r"/collections/([^/]+)/index", create_index),
    ("PUT", r"/collections/([^/]+)/points", update_points),
    ("POST", r"/collections/([^/]+)/points", retrieve),
    ("POST", r"/collections/([^/]+)/points/payload", set_payload),
    ("POST", r"/collections/([^/]+)/points/scroll", scroll),
    ("POST", r"/collections/([^/]+)/points/query/batch", query_batch),
    ("POST", r"/collections/([^/]+)/points/delete", delete_points),
    ("POST", r"/collections/([^/]+)/points/count", count),
]


def answer(method, path, body):
    if (method, path) == ("GET", "/"):
        return 200, {"title": "qdrant - vector search engine", "version": "1.18.0"}
    if (method, path) == ("GET", "/collections"):
        return 200, {"result": client.get_collections().model_dump(mode="json"), "status": "ok", "time": 0.0}
    for verb, pattern, handle in ROUTES:
        found = re.fullmatch(pattern, path)
        if verb != method or not found:
            continue
        try:
            with lock:
                return 200, {"result": handle(unquote(found[1]), body), "status": "ok", "time": 0.0}
        except Refused as refusal:
            return refusal.status, {"status": {"error": str(refusal)}, "time": 0.0}
        except (ValidationError, ValueError) as error:
            return 400, {"status": {"error": f"Format error: {error}"}, "time": 0.0}
    return 404, {"status": {"error": f"no route for {method} {path}"}, "time": 0.0}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in one packet, or the second would wait for the first one's ACK.
    wbufsize = -1
    disable_nagle_algorithm = True

    def respond(self):
        sent = self.rfile.read(int(self.headers.get("content-length", 0)))
        status, content = answer(self.command, urlsplit(self.path).path, json.loads(sent) if sent else None)
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    do_GET = do_PUT = do_POST = do_DELETE = respond

    def log_message(self, *_):
        pass


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=end_with_parent, daemon=True).start()
print(server.server_port, flush=True)
server.serve_forever()
