"""Writes what Flask, django.core.signing and PyJWT make: one JSON object a line."""
import base64, json, time, zlib

NOW = 1512226800
time.time = lambda: NOW  # the clock of itsdangerous and django.core.signing

import django, flask, jwt
from importlib.metadata import version
from django.conf import settings
settings.configure(SECRET_KEY="django secret", SECRET_KEY_FALLBACKS=[])
from django.core import signing
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def put(**vector):
    print(json.dumps(vector))


SESSIONS = [
    {"uid": 202675, "lang": "ja"},
    {},
    {"name": "化粧水", "tags": [1, "a.b:c"], "deep": {"x": None, "y": True}},
    {"long": "abc" * 400},  # long enough for zlib to pay
]

# Flask
app = flask.Flask("vectors")
app.secret_key = "flask secret"
FLASK = "Flask %s, itsdangerous %s" % (version("flask"), version("itsdangerous"))
serializer = flask.sessions.SecureCookieSessionInterface().get_signing_serializer(app)
for s in SESSIONS:
    put(library=FLASK, format="flask", name="session", secrets=["flask secret"], made=NOW,
        value=serializer.dumps(s), json=json.dumps(s))
bomb = {"a": "A" * 2_000_000}
put(library=FLASK, format="flask", name="session", secrets=["flask secret"], made=NOW,
    value=serializer.dumps(bomb), error="too large")
# Signed as it should be, but what is signed is no whole zlib stream.
signer = serializer.make_signer(serializer.salt)
cut = b"." + base64.urlsafe_b64encode(zlib.compress(b'{"a":"' + b"A" * 3000 + b'"}')[:-6]).rstrip(b"=")
put(library=FLASK, format="flask", name="session", secrets=["flask secret"], made=NOW,
    value=signer.sign(cut).decode(), error="malformed")

# Django
DJANGO = "Django " + django.__version__
for s in SESSIONS:
    for compress in (False, True):
        put(library=DJANGO, format="django dumps", name="data", secrets=["django secret"], made=NOW,
            value=signing.dumps(s, compress=compress), json=json.dumps(s))
put(library=DJANGO, format="django dumps", name="sessionid", secrets=["django secret"], made=NOW,
    salt="django.contrib.sessions.backends.signed_cookies",
    value=signing.dumps(SESSIONS[0], compress=True, salt="django.contrib.sessions.backends.signed_cookies"),
    json=json.dumps(SESSIONS[0]))
put(library=DJANGO, format="django dumps", name="data", secrets=["django secret"], made=NOW,
    value=signing.dumps(bomb, compress=True), error="too large")

# JWT
JWT = "PyJWT " + jwt.__version__
CLAIMS = {"sub": "u807290", "iat": NOW, "nbf": NOW, "exp": NOW + 3600, "roles": ["a", "b"], "org": {"id": 7}}


def pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


for algorithm in ("HS256", "HS384", "HS512"):
    secret = "a secret that is long enough for each of the three: " + "x" * 16
    put(library=JWT, format="jwt", algorithm=algorithm, secrets=[secret], made=NOW,
        value=jwt.encode(CLAIMS, secret, algorithm), json=json.dumps(CLAIMS))
for algorithm, key in (
    ("RS256", rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    ("ES256", ec.generate_private_key(ec.SECP256R1())),
    ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
):
    put(library=JWT, format="jwt", algorithm=algorithm, public=pem(key), made=NOW,
        value=jwt.encode(CLAIMS, key, algorithm), json=json.dumps(CLAIMS))
