#!/bin/sh
# Makes the vectors anew, with the real libraries in the versions pinned here:
# npm, pip and go fetch theirs; Rails' comes from Debian 12
# (apt-get install ruby-activesupport, 6.1.7.10).
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp package.json express.js "$work"
(cd "$work" && npm install --silent >&2 && node express.js) > ../express.jsonl

python3 -m venv "$work/py"
"$work/py/bin/pip" install --quiet -r requirements.txt >&2
"$work/py/bin/python" python.py > ../python.jsonl
"$work/py/bin/pip" install --quiet --target "$work/old" Django==5.2.14 >&2
{
	"$work/py/bin/python" django_cookies.py
	PYTHONPATH="$work/old" "$work/py/bin/python" django_cookies.py
} > ../django.jsonl

ruby rails.rb > ../rails.jsonl

cp -r gorilla "$work"
(cd "$work/gorilla" && go mod tidy 2>&1 >&2 && go run .) > ../gorilla.jsonl
