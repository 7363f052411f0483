#!/usr/bin/env python3
"""A reader of Avro container files with nothing but Python's own library, as the oracle of
a test: written from the specification, it knows null, deflate, and the types that
convert infers and job 2 has.

usage: container.py < access.avro > access.json
"""
import io, json, struct, sys, zlib


def take(data, n):
    b = data.read(n)
    if len(b) != n:
        raise EOFError
    return b


def long(data):
    n = shift = 0
    while True:
        b = take(data, 1)[0]
        n |= (b & 0x7F) << shift
        shift += 7
        if b < 0x80:
            return (n >> 1) ^ -(n & 1)


def text(data):
    return take(data, long(data)).decode("utf-8")


def items(data):
    """The number of items of each block of an array or map."""
    while (n := long(data)) != 0:
        if n < 0:
            n = -n
            long(data)
        yield from range(n)


def value(data, t):
    if isinstance(t, list):
        return value(data, t[long(data)])
    kind = t["type"] if isinstance(t, dict) else t
    if kind == "null":
        return None
    if kind == "boolean":
        return {0: False, 1: True}[take(data, 1)[0]]
    if kind in ("int", "long"):
        return long(data)
    if kind == "double":
        return struct.unpack("<d", take(data, 8))[0]
    if kind == "string":
        return text(data)
    if kind == "map":
        return {text(data): value(data, t["values"]) for _ in items(data)}
    if kind == "record":
        return {f["name"]: value(data, f["type"]) for f in t["fields"]}
    raise ValueError(kind)


def main():
    data = io.BytesIO(sys.stdin.buffer.read())
    assert take(data, 4) == b"Obj\x01"
    meta = {text(data): take(data, long(data)) for _ in items(data)}
    schema, marker = json.loads(meta["avro.schema"]), take(data, 16)
    unpack = {b"null": bytes, b"deflate": lambda b: zlib.decompress(b, -15)}[meta["avro.codec"]]
    while data.tell() < len(data.getbuffer()):
        count, block = long(data), io.BytesIO(unpack(take(data, long(data))))
        for _ in range(count):
            print(json.dumps(value(block, schema)))
        assert not block.read(1), "bytes are left"
        assert take(data, 16) == marker


main()
