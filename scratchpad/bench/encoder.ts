/** The cost of encoding an event, as a ratio of `JSON.stringify` of the same event. Run: node --import tsx scratchpad/bench/encoder.ts */
import * as Schema from "effect/Schema"
import { performance } from "node:perf_hooks"
import * as Encoder from "../../src/collection/Encoder.js"
import * as Redaction from "../../src/collection/Redaction.js"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as EventDefinition from "../../src/domain/EventDefinition.js"
import * as Privacy from "../../src/domain/Privacy.js"

const redactor = Redaction.make()
const n = 2000
const text = Privacy.redact(Schema.String)
const number = Privacy.allow(Schema.Number)

/** Twelve fields, five of them free text, of about 290 bytes: the event of the comparison with other clients. */
const Wide = EventDefinition.make("wide", {
  description: "d",
  purpose: "p",
  fields: {
    id: text,
    type: text,
    name: text,
    value: number,
    durationMs: number,
    exitCode: number,
    resultCount: number,
    cached: Privacy.allow(Schema.Boolean),
    language: text,
    version: text,
    os: text,
    node: text
  }
})
const Free = EventDefinition.make("free", {
  description: "d",
  purpose: "p",
  fields: { name: text, props: Privacy.redact(Schema.Record({ key: Schema.String, value: Schema.Unknown })) }
})

const rows = <A>(f: (i: number) => A): ReadonlyArray<A> => Array.from({ length: n }, (_, i) => f(i))
const languages = ["typescript", "python", "go", "rust", "java"]
const commands = ["index", "search", "memory add", "run", "status", "config set"]

const cases: ReadonlyArray<readonly [string, EventDefinition.Any, ReadonlyArray<Record<string, unknown>>]> = [
  [
    "query_performed, 6 fields",
    EventCatalog.QueryPerformed,
    rows((i) => ({
      queryType: "symbol",
      query: `find calculateTotal ${i} in parser`,
      resultCount: i % 200,
      duration: (i % 977) / 8,
      cached: i % 3 === 0,
      language: languages[i % 5]
    }))
  ],
  [
    "error_occurred, 8 fields",
    EventCatalog.ErrorOccurred,
    rows((i) => ({
      errorType: "TypeError",
      message: `x.${i} is not a function`,
      fatal: false,
      fingerprint: "9f86d081884c7d65",
      severity: "ERROR",
      category: "parser",
      context: { phase: "parse", line: i, retry: false },
      count: 1
    }))
  ],
  [
    "12 fields, 7 of text",
    Wide,
    rows((i) => ({
      id: "mk_" + String(i).padStart(7, "0") + "-" + (i * 2654435761).toString(16),
      type: "command_executed",
      name: commands[i % 6],
      value: (i % 4096) / 8,
      durationMs: i % 5000,
      exitCode: 0,
      resultCount: i % 200,
      cached: i % 2 === 0,
      language: languages[i % 5],
      version: "2.1." + i % 20,
      os: "linux-x64",
      node: "20.20.2"
    }))
  ],
  [
    "a free record of 8",
    Free,
    rows((i) => ({
      name: commands[i % 6],
      props: {
        durationMs: i % 5000,
        exitCode: 0,
        resultCount: i % 200,
        cached: i % 2 === 0,
        language: languages[i % 5],
        version: "2.1." + i % 20,
        os: "linux-x64",
        node: "20.20.2"
      }
    }))
  ]
]

let sink = 0
/** The length in bytes joins the pieces of the text, as writing it anywhere would. */
const stringifyAll = (events: ReadonlyArray<unknown>): number => {
  const start = performance.now()
  for (const event of events) sink += Buffer.byteLength(JSON.stringify(event))
  return (performance.now() - start) / events.length * 1e6
}

const encodeAll = (events: ReadonlyArray<unknown>, encoder: Encoder.Encoder): number => {
  const start = performance.now()
  for (const event of events) {
    const encoded = encoder.encode(event, "full")
    sink += Buffer.byteLength(encoded._tag === "Encoded" ? encoded.json : "")
  }
  return (performance.now() - start) / events.length * 1e6
}

/** The two are measured in turns and their best runs compared, so that other work on the machine does not matter. */
const compare = (events: ReadonlyArray<unknown>, encoder: Encoder.Encoder): readonly [number, number] => {
  let base = Infinity
  let ours = Infinity
  for (let run = 0; run < 100; run++) {
    base = Math.min(base, stringifyAll(events))
    ours = Math.min(ours, encodeAll(events, encoder))
  }
  return [base, ours]
}

for (const [name, definition, events] of cases) {
  const encoder = Encoder.make(definition, redactor, (s) => s)
  const first = encoder.encode(events[0], "full")
  if (first._tag !== "Encoded") throw new Error(JSON.stringify(first))
  const [base, ours] = compare(events, encoder)
  console.log(
    `${name}: JSON.stringify ${base.toFixed(0)} ns, encode ${ours.toFixed(0)} ns, ratio ${(ours / base).toFixed(2)}`
  )
}
console.log(sink > 0 ? "" : "nothing")
