// Reads frames, which are lines of base64, as a consumer in JavaScript does, and prints
// one JSON object for each. The argument is the registry's URL.
const { SchemaRegistry } = require("@kafkajs/confluent-schema-registry");

const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
const registry = new SchemaRegistry({ host: process.argv[2] });

(async () => {
  for (const line of lines) {
    console.log(JSON.stringify(await registry.decode(Buffer.from(line, "base64"))));
  }
})().catch((err) => {
  console.error(err);
  process.exit(1);
});
