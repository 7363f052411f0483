"""Prints what files of Avro hold, as package avrotest says."""

import datetime
import decimal
import io
import json
import struct
import sys

import fastavro


def plain(v):
    if v is None or isinstance(v, (bool, str)):
        return v
    if isinstance(v, float):
        return struct.pack(">d", v).hex()
    if isinstance(v, decimal.Decimal):
        return format(v, "f")
    if isinstance(v, datetime.datetime):
        if v.tzinfo is None:
            return v.isoformat(timespec="microseconds")
        return v.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(v, datetime.time):
        return v.isoformat(timespec="microseconds")
    if isinstance(v, bytes):
        return v.hex()
    if isinstance(v, list):
        return [plain(item) for item in v]
    if isinstance(v, dict):
        return {key: plain(item) for key, item in v.items()}
    return str(v)  # int, date, UUID


def records(file):
    with open(file["path"], "rb") as f:
        if "writer" not in file:
            yield from fastavro.reader(f)
            return
        data = f.read()
    f, writer = io.BytesIO(data), fastavro.parse_schema(json.loads(file["writer"]))
    while f.tell() < len(data):
        yield fastavro.schemaless_reader(f, writer, None)


for i, file in enumerate(json.load(sys.stdin)):
    for record in records(file):
        print(json.dumps([i, plain(record)]))
