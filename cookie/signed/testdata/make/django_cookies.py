"""Writes what Django's set_signed_cookie makes: one JSON object a line."""
import json, time

NOW = 1512226800
time.time = lambda: NOW  # the clock of django.core.signing

import django
from django.conf import settings
settings.configure(SECRET_KEY="django secret", SECRET_KEY_FALLBACKS=[])
from django.http import HttpResponse

# 5.2.15 changed how the key follows from name and salt.
legacy = django.VERSION < (5, 2, 15)

for salt in ("", "salt", "\u5869"):
    for text in ("u807290", "", "a:b:c", "\u5316\u7ca7\u6c34", 'with "quotes"; and \\'):
        response = HttpResponse()
        response.set_signed_cookie("pref", text, salt=salt)
        print(json.dumps(dict(
            library="Django " + django.__version__, format="django", name="pref", salt=salt, legacy=legacy,
            secrets=["django secret"], made=NOW, value=response.cookies["pref"].coded_value, want=text)))
