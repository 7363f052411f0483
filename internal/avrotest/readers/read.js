// Prints what files of Avro hold, as package avrotest says.
'use strict';
const avro = require('avsc');
const fs = require('fs');
const fzstd = require('fzstd');
const snappy = require('snappyjs');

// Without this avsc refuses numbers over 2^53.
const long = avro.types.LongType.__with({
  fromBuffer: (buf) => buf.readBigInt64LE(),
  toBuffer: (n) => { const buf = Buffer.alloc(8); buf.writeBigInt64LE(n); return buf; },
  fromJSON: BigInt, toJSON: String, isValid: (n) => typeof n === 'bigint',
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
});

const pad = (n, digits) => String(n).padStart(digits, '0');

// local returns the date and time of microseconds since 1970.
function local(micros) {
  let millis = micros / 1000n, rest = micros % 1000n;
  if (rest < 0n) { millis -= 1n; rest += 1000n; }
  return new Date(Number(millis)).toISOString().slice(0, -1) + pad(rest, 3);
}
const clock = (micros) => local(BigInt(micros)).slice(11);

// logical makes a logical type whose values are what read says of those below.
function logical(read) {
  return class extends avro.types.LogicalType {
    constructor(schema, opts) { super({ ...schema, below: true }, opts); }
    _fromValue(v) { return { logical: read.call(this, v), v }; }
    _toValue(o) { return o.v; } // for defaults
    _resolve(writer) { return (v) => (writer.typeName === this.typeName ? v : this._fromValue(v)); }
  };
}
const typeHook = (schema) => (schema.below && schema.type === 'long' ? long : undefined);

class Decimal extends logical(function (bytes) {
  const n = BigInt.asIntN(8 * bytes.length, BigInt('0x' + bytes.toString('hex')));
  const digits = pad(n < 0n ? -n : n, this.scale + 1), point = digits.length - this.scale;
  return (n < 0n ? '-' : '') + digits.slice(0, point) + (this.scale ? '.' + digits.slice(point) : '');
}) {
  constructor(schema, opts) { super(schema, opts); this.scale = schema.scale || 0; }
}

const logicalTypes = {
  decimal: Decimal,
  date: logical((n) => new Date(n * 86400e3).toISOString().slice(0, 10)),
  'time-millis': logical((n) => clock(n * 1000)),
  'time-micros': logical(clock),
  'timestamp-millis': logical((n) => local(BigInt(n) * 1000n) + 'Z'),
  'timestamp-micros': logical((n) => local(BigInt(n)) + 'Z'),
  'local-timestamp-millis': logical((n) => local(BigInt(n) * 1000n)),
  'local-timestamp-micros': logical((n) => local(BigInt(n))),
};
const options = () => ({ registry: { long }, logicalTypes, typeHook, wrapUnions: true });

function plain(type, v) {
  if (v === null || typeof v === 'boolean') return v;
  if (typeof v === 'object' && 'logical' in v && type.typeName.startsWith('logical')) return v.logical;
  switch (type.typeName) {
    case 'float': case 'double': {
      const buf = Buffer.alloc(8);
      buf.writeDoubleBE(v);
      return buf.toString('hex');
    }
    case 'bytes': case 'fixed': return v.toString('hex');
    case 'array': return v.map((item) => plain(type.itemsType, item));
    case 'map': return members(Object.keys(v).map((key) => [key, plain(type.valuesType, v[key])]));
    case 'record': case 'error': return members(type.fields.map((f) => [f.name, plain(f.type, v[f.name])]));
    case 'union:wrapped': {
      const name = Object.keys(v)[0];
      return plain(type.types.find((t) => t.branchName === name), v[name]);
    }
  }
  return String(v); // int, long, string, enum
}

// members is Object.fromEntries, for any key.
function members(entries) {
  const o = Object.create(null);
  for (const [key, value] of entries) o[key] = value;
  return o;
}

const codecs = {
  null: (buf, cb) => cb(null, buf),
  deflate: require('zlib').inflateRaw,
  snappy: (buf, cb) => cb(null, Buffer.from(snappy.uncompress(buf.subarray(0, -4)))), // behind it is a CRC
  zstandard: (buf, cb) => cb(null, Buffer.from(fzstd.decompress(buf))),
};

const out = [];
const print = (i, type, v) => out.push(JSON.stringify([i, plain(type, v)]) + '\n');

function read(file, i) {
  const reader = file.reader && avro.Type.forSchema(JSON.parse(file.reader), options());
  if (!file.writer) {
    return new Promise((done, failed) => {
      let type;
      avro.createFileDecoder(file.path, { codecs, parseHook: (s) => avro.Type.forSchema(s, options()), readerSchema: reader })
        .on('metadata', (t) => { type = reader || t; })
        .on('data', (v) => print(i, type, v)).on('end', done).on('error', failed);
    });
  }
  const type = avro.Type.forSchema(JSON.parse(file.writer), options()), buf = fs.readFileSync(file.path);
  const resolver = reader && reader.createResolver(type);
  for (let at = 0; at < buf.length;) {
    const { value, offset } = type.decode(buf, at, resolver);
    if (offset < 0) throw new Error('cut record');
    print(i, reader || type, value);
    at = offset;
  }
}

(async () => {
  const files = JSON.parse(fs.readFileSync(0));
  for (let i = 0; i < files.length; i++) await read(files[i], i);
  process.stdout.write(out.join(''));
})().catch((err) => { console.error(err); process.exitCode = 1; });
