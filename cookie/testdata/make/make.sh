#!/bin/sh
# Makes jshttp.jsonl.gz anew from real.jsonl.gz and random headers, with npm's
# cookie in the version pinned here. With arguments, makes real.jsonl.gz first:
#   make.sh sent.jsonl…
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -gt 0 ]; then
	python3 "$here/real.py" "$@" > "$here/../real.jsonl.gz"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/jshttp.js" "$work"
cd "$work"
npm install --silent >&2
node jshttp.js "$here/../real.jsonl.gz" > jshttp.jsonl.gz
mv jshttp.jsonl.gz "$here/.."
