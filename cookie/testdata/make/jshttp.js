// Writes what npm's cookie (jshttp/cookie) reads out of 20,000 random headers
// and out of those in real.jsonl.gz: one JSON array a line, the header and then
// name, value, name, value… as the bytes that they are, each byte one code
// point. Decoding of values is off: that is a decoder's task here.
const { parse } = require('cookie')
const fs = require('fs')
const zlib = require('zlib')

let seed = 20171202 // mulberry32, so that the data is the same everywhere
function random(n) {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) % n
}
const pieces = ['a', 'b', 'A', 'uid', '_ga', '__proto__', '$Version', '=', '=', '=', ';', ';', '; ', '; ', ', ', ',', ' ', '\t', '"', '"', '\\',
  '%', '%41', '%zz', '1', '22', 'x.y', '\0', '\x01', '\x7f', '\xa0', '\xe8\x82\x8c', '\xff', '/', '?', '{"a":1}', '=;', ';;']
function header() {
  let s = ''
  for (let n = random(14); n >= 0; n--) s += random(40) ? pieces[random(pieces.length)] : String.fromCharCode(random(256))
  return s.replace(/[\r\n]/g, '')
}

const out = []
function put(h) {
  out.push(JSON.stringify([h].concat(...Object.entries(parse(h, { decode: (v) => v })))))
}
for (let i = 0; i < 20000; i++) put(header())
for (const line of zlib.gunzipSync(fs.readFileSync(process.argv[2])).toString().split('\n')) {
  if (line) put(JSON.parse(line).header)
}
process.stdout.write(zlib.gzipSync(out.join('\n') + '\n', { level: 9 }))
