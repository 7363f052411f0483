// Writes what npm's cookie-signature makes, percent-encoded as npm's cookie
// sends it: one JSON object a line.
const signature = require('cookie-signature')
const { serialize } = require('cookie')
const library = 'cookie-signature ' + require('cookie-signature/package.json').version

function vector(secret, want, text = want) {
  // As express/lib/response.js: s: in front, then the default encoding.
  const header = serialize('sid', 's:' + signature.sign(text, secret))
  console.log(JSON.stringify({ library, format: 'express', name: 'sid', secrets: [secret], value: header.slice(4), want }))
}
vector('keyboard cat', 'u807290')
vector('keyboard cat', '')
vector('keyboard cat', 'a.b.c')
vector('keyboard cat', 's:inner; "quoted", 100%')
vector('keyboard cat', '化粧水😀')
vector('ключ', 'x'.repeat(1000))
vector('k', 'j:' + JSON.stringify({ uid: 1, lang: 'ja' }))
