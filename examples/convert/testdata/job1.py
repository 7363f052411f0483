#!/usr/bin/env python3
"""Job 1, written a second time and in another language, as the oracle of a test.

usage: job1.py ESCAPING COOKIE_KEY < access.ltsv > access.json

Numbers are written with the digits that they have in the log.
"""
import base64, binascii, datetime, hashlib, hmac, ipaddress, json, re, sys, urllib.parse

BOTS = [b"bot", b"crawl", b"spider", b"slurp", b"facebookexternalhit", b"curl/", b"wget/", b"python-requests",
        b"go-http-client", b"okhttp", b"headlesschrome", b"monitor", b"pingdom"]
GONE = {"cookie", "req", "time", "msec", "forwardedfor", "uri", "ident", "user"}
INT = {"status", "size", "reqsize", "taken"}
FLOAT = {"reqtime", "runtime", "apptime"}
NEW = ["@timestamp", "host", "client", "method", "path", "protocol", "query", "status", "size", "reqsize", "reqtime",
       "runtime", "apptime", "taken", "ua", "referer", "vhost", "server", "scheme", "cache", "reqid", "referer_host",
       "bot", "cookie.uid", "cookie.own.seg", "cookie.own.rank", "cookie.own.src", "cookie.sess.uid",
       "cookie.sess.lang", "cookie.sess.t", "cookie.sid", "cookie.theme"]


class Number(str):
    """The text of a number."""


class Reject(Exception):
    pass


def repair(b):
    """The bytes as text, with a U+FFFD for each byte that is not UTF-8."""
    out = []
    while b:
        try:
            out.append(b.decode("utf-8"))
            break
        except UnicodeDecodeError as e:
            out.append(b[:e.start].decode("utf-8") + "\ufffd")
            b = b[e.start + 1:]
    return "".join(out)


def unescape(b, escaping):
    if escaping == "nginx":
        return re.sub(rb"\\x([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), b)
    if escaping == "apache":
        short = {b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"\\": b"\\", b'"': b'"'}
        return re.sub(rb'\\(?:x([0-9A-Fa-f]{2})|([bnrtv\\"]))',
                      lambda m: bytes([int(m[1], 16)]) if m[1] else short[m[2]], b)
    if escaping == "json":
        short = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\", b'"': b'"', b"/": b"/"}
        return re.sub(rb'\\(?:u([0-9A-Fa-f]{4})|([bfnrt\\"/]))',
                      lambda m: chr(int(m[1], 16)).encode() if m[1] else short[m[2]], b)
    return b


def missing(b, escaping):
    return b == b"" if escaping == "json" else b == b"-"


def integer(b):
    if not re.fullmatch(rb"[+-]?[0-9]+", b) or not -2**63 <= int(b) < 2**63:
        return None
    return Number(int(b))


def decimal(b):
    items = [i.strip(b" ") for i in re.split(rb"[,:]", b)]
    items = [i for i in items if i not in (b"", b"-")]
    if not items:
        return None
    m = re.fullmatch(rb"(-?)0*([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)", items[-1])
    if not m or abs(float(items[-1])) == float("inf"):
        return None
    return Number((m[1] + m[2]).decode())


def timestamp(fields):
    utc = datetime.timezone.utc
    if fields.get("msec") is not None and re.fullmatch(rb"[0-9]+\.[0-9]{3}", fields["msec"]):
        whole, milli = fields["msec"].split(b".")
        t = datetime.datetime.fromtimestamp(int(whole), utc)
        return t.strftime("%Y-%m-%dT%H:%M:%S.") + milli.decode() + "Z"
    if fields.get("time") is None:
        raise Reject("no time")
    text = fields["time"].decode("ascii")
    for layout in ("%d/%b/%Y:%H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z"):
        try:
            t = datetime.datetime.strptime(text, layout).astimezone(utc)
            return t.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        except ValueError:
            pass
    raise Reject("time in no known layout")


def network(text):
    try:
        a = ipaddress.ip_address(text)
    except ValueError:
        return None
    bits = 24 if a.version == 4 else 48
    return str(ipaddress.ip_network((a, bits), strict=False).network_address)


def first_forwarded(b):
    item = b.split(b",")[0].strip(b" \t").decode("latin-1")
    if m := re.fullmatch(r"\[([^\]]*)\](?::[0-9]+)?", item):
        item = m[1]
    elif m := re.fullmatch(r"([0-9.]+):[0-9]+", item):
        item = m[1]
    return network(item)


def split_request(b):
    m = re.fullmatch(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (.+) (HTTP/[0-9](?:\.[0-9])?)", b, re.S)
    return (m[1], m[2].strip(b" "), m[3]) if m and m[2].strip(b" ") else (None, None, None)


def referer_host(b):
    m = re.match(rb"(?i)https?://([^/?#]*)", b)
    if not m:
        return None
    host = m[1].rsplit(b"@", 1)[-1]
    host = re.sub(rb":[0-9]*$", b"", host)
    return repair(host.lower()) if host else None


def cookies(header):
    got = {}
    for part in header.split(b";"):
        part = part.strip(b" \t")
        if b"=" not in part:
            continue
        name, value = part.split(b"=", 1)
        value = value.strip(b" \t")
        if len(value) >= 2 and value[:1] == b'"' and value[-1:] == b'"':
            value = value[1:-1]
        got.setdefault(name.rstrip(b" \t"), value)
    return got


def pairs(text):
    got = {}
    for part in text.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            got.setdefault(name, urllib.parse.unquote_to_bytes(value.replace(b"+", b" ")))
    return got


def cookie_members(header, key):
    got, out = cookies(header), {}
    if b"uid" in got and re.fullmatch(rb"-?[0-9]+", got[b"uid"]) and -2**63 <= int(got[b"uid"]) < 2**63:
        out["cookie.uid"] = Number(int(got[b"uid"]))
    if b"own" in got:
        own = pairs(urllib.parse.unquote_to_bytes(got[b"own"]))
        for member in ("seg", "rank", "src"):
            if member.encode() in own:
                out["cookie.own." + member] = repair(own[member.encode()])
    if b"sess" in got:
        try:
            text = base64.b64decode(got[b"sess"] + b"=" * (-len(got[b"sess"]) % 4), b"-_", validate=True)
            sess = json.loads(text.decode("utf-8"), parse_int=Number, parse_float=Number)
        except (ValueError, binascii.Error):
            sess = {}
        for member in ("uid", "lang", "t"):
            if member in sess:
                out["cookie.sess." + member] = sess[member]
    if b"connect.sid" in got and key:
        sid = urllib.parse.unquote_to_bytes(got[b"connect.sid"])
        if sid.startswith(b"s:") and b"." in sid:
            value, sig = sid[2:].rsplit(b".", 1)
            good = base64.b64encode(hmac.new(key, value, hashlib.sha256).digest()).rstrip(b"=")
            if hmac.compare_digest(good, sig):
                out["cookie.sid"] = repair(value)
    if b"theme" in got:
        out["cookie.theme"] = repair(got[b"theme"])
    return out


def job1(line, escaping, key):
    fields = {}
    for field in line.split(b"\t"):
        if field:
            label, colon, value = field.partition(b":")
            if not colon or not label:
                raise Reject("not LTSV")
            value = None if missing(value, escaping) else unescape(value, escaping)
            fields.setdefault(repair(label), value)
    new = {"@timestamp": timestamp(fields)}
    if "host" in fields:
        new["host"] = fields["host"] and network(fields["host"].decode("latin-1"))
    if "forwardedfor" in fields:
        new["client"] = first_forwarded(fields["forwardedfor"]) if fields["forwardedfor"] is not None else None
    from_req = split_request(fields["req"] or b"") if "req" in fields else None
    target = None
    for i, label in enumerate(("method", "uri", "protocol")):
        value = fields[label] if label in fields else from_req and from_req[i]
        if label not in fields and "req" not in fields:
            continue
        if label != "uri":
            new[label] = None if value is None else repair(value)
            continue
        path, question, query = (value or b"").partition(b"?")
        new["path"] = None if value is None else repair(path)
        new["query"] = repair(query) if question else None
    for label, value in fields.items():
        if label in INT:
            new[label] = None if value is None else integer(value)
        elif label in FLOAT:
            new[label] = None if value is None else decimal(value)
    if "referer" in fields:
        new["referer_host"] = referer_host(fields["referer"]) if fields["referer"] is not None else None
    ua = (fields.get("ua") or b"").lower()
    new["bot"] = any(bot in ua for bot in BOTS)
    if fields.get("cookie") is not None:
        new.update(cookie_members(fields["cookie"], key))
    out = {}
    for label, value in fields.items():
        if label not in GONE:
            out[label] = new[label] if label in new else None if value is None else repair(value)
    for label in NEW:
        if label in new and label not in out:
            out[label] = new[label]
    return out


def dump(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k) + ":" + dump(v) for k, v in value.items()) + "}"
    return json.dumps(value)


def main():
    escaping, key = sys.argv[1], sys.argv[2].encode()
    for line in sys.stdin.buffer.read().split(b"\n"):
        line = line.removesuffix(b"\r")
        if not line:
            continue
        try:
            print(dump(job1(line, escaping, key)))
        except Reject:
            print("rejected")


main()
