"""Writes real Cookie headers and what job 1 takes out of each: one JSON object
a line, gzipped. The arguments are the files of what was sent to real servers
(one JSON object a line, "cookie" in base64). Everything is taken apart with
Python's standard library, so that nothing here is compared with itself."""
import base64, gzip, hashlib, hmac, io, json, sys, urllib.parse

MEMBERS = {"own": ("seg", "rank", "src"), "sess": ("uid", "lang", "t")}


def unsign(text):
    value, _, sig = urllib.parse.unquote(text)[2:].rpartition(".")
    mac = base64.b64encode(hmac.new(b"keyboard cat", value.encode(), hashlib.sha256).digest()).decode().rstrip("=")
    assert mac == sig
    return value


def extract(header):
    cookies, want = {}, {}
    for part in header.split(";"):
        name, eq, value = part.strip(" \t").partition("=")
        if eq:
            cookies.setdefault(name.strip(" \t"), value.strip(" \t"))
    if "uid" in cookies:
        want["cookie.uid"] = int(cookies["uid"])
    if "own" in cookies:
        pairs = dict(p.split("=", 1) for p in urllib.parse.unquote(cookies["own"]).split("&"))
        for m in MEMBERS["own"]:
            want["cookie.own." + m] = urllib.parse.unquote_plus(pairs[m])
    if "sess" in cookies:
        text = cookies["sess"]
        session = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        for m in MEMBERS["sess"]:
            want["cookie.sess." + m] = session[m]
    if "connect.sid" in cookies:
        want["cookie.sid"] = unsign(cookies["connect.sid"])
    if "theme" in cookies:
        want["cookie.theme"] = cookies["theme"].strip('"')
    return want


lines, seen = [], set()
for name in sys.argv[1:]:
    for n, line in enumerate(open(name)):
        text = json.loads(line)["cookie"]
        if text is None:
            continue
        header = base64.b64decode(text).decode("latin1")
        # Every third ordinary one, and all that are odd.
        odd = any(c not in header for c in "=") or not header.isascii() or "bad=" in header or len(header) < 40
        if header in seen or (n % 3 and not odd):
            continue
        seen.add(header)
        lines.append(json.dumps({"header": header, "want": extract(header)}, separators=(",", ":")))
out = io.BytesIO()
with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9, mtime=0) as f:
    f.write(("\n".join(lines) + "\n").encode())
sys.stdout.buffer.write(out.getvalue())
