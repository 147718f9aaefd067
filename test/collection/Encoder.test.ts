import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as fc from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Encoder from "../../src/collection/Encoder.js"
import * as Redaction from "../../src/collection/Redaction.js"
import * as Catalog from "../../src/domain/Catalog.js"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as EventDefinition from "../../src/domain/EventDefinition.js"
import * as Level from "../../src/domain/Level.js"
import * as Measure from "../../src/domain/Measure.js"
import * as Privacy from "../../src/domain/Privacy.js"
import * as Policy from "../../src/Policy.js"
import { secrets } from "./secrets.js"

const redactor = Redaction.make()
const hash = (text: string): string => "h" + text.length

const encoderOf = (definition: EventDefinition.Any): Encoder.Encoder => Encoder.make(definition, redactor, hash)

/** An event of fields that a test is about. */
const define = <const F extends EventDefinition.Fields>(fields: F, level: Level.Level = "basic") =>
  EventDefinition.make("test", { description: "d", purpose: "p", level, fields })

const encode = (fields: EventDefinition.Fields, data: unknown, level: Level.Level = "full"): unknown => {
  const encoded = encoderOf(define(fields)).encode(data, level)
  return encoded._tag === "Encoded" ? JSON.parse(encoded.json) : encoded
}

const message = (encoded: unknown): unknown =>
  typeof encoded === "object" && encoded !== null && "issue" in encoded
    ? (encoded as { issue: { message: string } }).issue.message
    : encoded

class Node extends Schema.Class<Node>("Node")({ a: Schema.Number }) {}

interface Tree {
  readonly name: string
  readonly children: ReadonlyArray<Tree>
}
const Tree: Schema.Schema<Tree> = Schema.Struct({
  name: Schema.String,
  children: Schema.Array(Schema.suspend((): Schema.Schema<Tree> => Tree))
})

enum Color {
  Red = "red",
  Two = 2
}

describe("Encoder.encode", () => {
  it("treats each field as its declaration says", () => {
    const fields = {
      kind: Privacy.allow(Schema.Literal("a", "b")),
      free: Privacy.redact(Schema.String),
      cut: Privacy.truncate(Schema.String, 10),
      who: Privacy.hash(Schema.String),
      args: Privacy.flags(),
      gone: Privacy.drop(Schema.String),
      maybe: Privacy.optional(Privacy.allow(Schema.Number))
    }
    expect(encode(fields, {
      kind: "b",
      free: "mail a@b.example",
      cut: "a@b.example is long",
      who: "jane",
      args: ["--token=x", "file", "-pSECRET", "--", "--late"],
      gone: "x",
      extra: "x"
    })).toEqual({ kind: "b", free: "mail [email]", cut: "[email] is", who: "h4", args: ["--token", "-p"] })
  })

  it("leaves out fields above the level, without reading them", () => {
    const fields = {
      low: Privacy.allow(Schema.Number),
      mid: Privacy.allow(Schema.Number, { level: "enhanced" }),
      high: Privacy.allow(Schema.Number, { level: "full" })
    }
    let reads = 0
    const data = {
      low: 1,
      mid: 2,
      get high() {
        return ++reads
      }
    }
    expect(encode(fields, data, "basic")).toEqual({ low: 1 })
    expect(encode(fields, data, "enhanced")).toEqual({ low: 1, mid: 2 })
    expect(reads).toBe(0)
    expect(encode(fields, data, "full")).toEqual({ low: 1, mid: 2, high: 1 })
  })

  it("refuses an event that the level does not cover", () => {
    const encoder = encoderOf(define({}, "enhanced"))
    expect(message(encoder.encode({}, "basic"))).toBe("expected the level enhanced at least")
    expect(encoder.encode({}, "enhanced")).toMatchObject({ _tag: "Encoded", json: "{}" })
  })

  it.each<readonly [string, Privacy.Any, unknown, string]>([
    ["a missing field", Privacy.allow(Schema.String), undefined, "x: expected a string"],
    ["a number for text", Privacy.redact(Schema.String), 7, "x: expected a string"],
    ["null for a number", Privacy.allow(Schema.Number), null, "x: expected a finite number"],
    ["NaN", Privacy.allow(Schema.Number), NaN, "x: expected a finite number"],
    ["Infinity", Privacy.redact(Schema.Number), Infinity, "x: expected a finite number"],
    ["text for a boolean", Privacy.allow(Schema.Boolean), "true", "x: expected a boolean"],
    ["a word outside a set", Privacy.allow(Schema.Literal("a", "b")), "secret", "x: expected one of \"a\", \"b\""],
    ["a number that fails a refinement", Privacy.allow(Schema.Int), 1.5, "x: expected Int"],
    ["text for an array", Privacy.allow(Schema.Array(Schema.Number)), "secret", "x: expected an array"],
    [
      "an array that is too short",
      Privacy.allow(Schema.Tuple(Schema.Number, Schema.Number)),
      [1],
      "x: expected an array"
    ],
    ["a wrong item", Privacy.allow(Schema.Array(Schema.Number)), [1, "secret"], "x.1: expected a finite number"],
    ["a wrong member", Privacy.redact(Schema.Struct({ a: Schema.Struct({ b: Schema.Boolean }) })), {
      a: { b: "secret" }
    }, "x.a.b: expected a boolean"],
    ["a missing member", Privacy.redact(Schema.Struct({ a: Schema.Boolean })), {}, "x.a: expected a boolean"],
    [
      "an array for a record",
      Privacy.redact(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
      [1],
      "x: expected an object"
    ],
    [
      "a date for a record",
      Privacy.redact(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
      new Date(0),
      "x: expected an object"
    ],
    ["text for a class", Privacy.allow(Schema.typeSchema(Node)), "secret", "x: expected Node"],
    ["numbers for flags", Privacy.flags(), [1], "x.0: expected a string"],
    ["a number to hash", Privacy.hash(Schema.String), 1, "x: expected a string"],
    [
      "text for a union",
      Privacy.allow(Schema.Union(Schema.Number, Schema.Boolean)),
      "secret",
      "x: expected one of number, boolean"
    ]
  ])("names the path and what was expected, never the value: %s", (_, field, value, expected) => {
    expect(message(encode({ x: field }, { x: value }))).toBe(expected)
  })

  it.each<readonly [string, Privacy.Any, unknown, unknown]>([
    ["a tuple with a rest", Privacy.allow(Schema.Tuple([Schema.String], Schema.Number)), ["a", 1, 2], ["a", 1, 2]],
    ["a tuple with an end", Privacy.allow(Schema.Tuple([], Schema.Number, Schema.String)), [1, 2, "z"], [1, 2, "z"]],
    ["an enumeration", Privacy.allow(Schema.Enums(Color)), 2, 2],
    ["a big integer", Privacy.allow(Schema.BigIntFromSelf), 12n, "12"],
    ["a class", Privacy.allow(Schema.typeSchema(Node)), new Node({ a: 1 }), { a: 1 }],
    ["a date", Privacy.allow(Schema.DateFromSelf), new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a template", Privacy.allow(Schema.TemplateLiteral("v", Schema.Number)), "v12", "v12"],
    ["null or text", Privacy.redact(Schema.NullOr(Schema.String)), null, null],
    ["undefined or text", Privacy.redact(Schema.UndefinedOr(Schema.String)), "a@b.example", "[email]"],
    [
      "a union of shapes",
      Privacy.redact(Schema.Union(Schema.Struct({ a: Schema.Number }), Schema.String)),
      "a@b.example",
      "[email]"
    ],
    ["a recursive shape", Privacy.redact(Tree), { name: "a", children: [{ name: "b@c.example", children: [] }] }, {
      name: "a",
      children: [{ name: "[email]", children: [] }]
    }],
    ["a record of numbers", Privacy.redact(Schema.Record({ key: Schema.String, value: Schema.Number })), {
      "a@b.example": 1,
      password: 2
    }, { "[email]": 1, password: "[redacted]" }],
    ["a private member", Privacy.redact(Schema.Struct({ token: Schema.String, ok: Schema.Boolean })), {
      token: "x",
      ok: true
    }, { token: "[redacted]", ok: true }],
    ["a member allowed by its author", Privacy.allow(Schema.Struct({ token: Schema.String })), { token: "x" }, {
      token: "x"
    }],
    [
      "text that fails a refinement once redacted",
      Privacy.redact(Schema.String.pipe(Schema.minLength(10))),
      "a@b.example",
      "[email]"
    ],
    ["minus zero", Privacy.allow(Schema.Number), -0, 0],
    ["a card in an undeclared number", Privacy.redact(Schema.Unknown), 4111111111111111, "[card]"],
    ["something JSON has no place for", Privacy.redact(Schema.Unknown), () => 1, null]
  ])("takes %s", (_, field, value, expected) => {
    expect(encode({ x: field }, { x: value })).toEqual({ x: expected })
    expect(Schema.is(Catalog.wireDataSchema(define({ x: field })))({ x: expected })).toBe(true)
  })

  it("replaces a field of text whose name is private", () => {
    expect(encode({ email: Privacy.redact(Schema.String), password: Privacy.truncate(Schema.String, 5) }, {
      email: "nobody",
      password: "plain"
    })).toEqual({ email: "[redacted]", password: "[redacted]" })
  })

  it("takes null for an optional field as absent", () => {
    expect(encode({ a: Privacy.optional(Privacy.allow(Schema.Number)) }, { a: null })).toEqual({})
  })

  it("does not take what every object inherits for a field", () => {
    const fields = {
      toString: Privacy.optional(Privacy.redact(Schema.String)),
      constructor: Privacy.redact(Schema.String)
    }
    expect(encode(fields, { constructor: "c" })).toEqual({ constructor: "c" })
    expect(message(encode(fields, {}))).toBe("constructor: expected a string")
  })

  it("reads fields that a class gives", () => {
    class Data {
      #hidden = "a@b.example"
      get x() {
        return this.#hidden
      }
    }
    expect(encode({ x: Privacy.redact(Schema.String) }, new Data())).toEqual({ x: "[email]" })
  })

  it("cuts by code point, after redaction", () => {
    const fields = { x: Privacy.truncate(Schema.String, 4) }
    expect(encode(fields, { x: "😀😀😀😀😀" })).toEqual({ x: "😀😀😀😀" })
    expect(encode(fields, { x: "ab\ud800cd" })).toEqual({ x: "ab\uFFFDc" })
    expect(encode({ x: Privacy.truncate(Schema.String, 12) }, { x: "hello jane.doe@example.com" })).toEqual({
      x: "hello [email"
    })
  })

  it("refuses an event that is too large, in bytes", () => {
    const encoder = encoderOf(define({ x: Privacy.allow(Schema.String) }))
    const fits = Policy.maxEventBytes - "{\"x\":\"\"}".length
    expect(encoder.encode({ x: "a".repeat(fits) }, "basic")._tag).toBe("Encoded")
    expect(encoder.encode({ x: "a".repeat(fits + 1) }, "basic")).toEqual({
      _tag: "Oversize",
      bytes: Policy.maxEventBytes + 1
    })
    expect(encoder.encode({ x: "ä".repeat(fits / 2 + 1) }, "basic")._tag).toBe("Oversize")
    expect(encoder.encode({ x: "😀".repeat(fits / 4) }, "basic")._tag).toBe("Encoded")
    expect(encoder.encode({ x: "x".repeat(10_000_000) }, "basic")._tag).toBe("Oversize")
  })

  it.each<readonly [string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["text", "text"],
    ["a number", 1],
    ["a function", () => 1],
    ["a revoked proxy", revoked()],
    [
      "a proxy that throws",
      new Proxy({}, {
        get: () => {
          throw new Error("no")
        }
      })
    ],
    ["a getter that throws", {
      get x() {
        throw new Error("no")
      }
    }]
  ])("refuses %s and does not throw", (_, data) => {
    expect(message(encode({ x: Privacy.redact(Schema.String) }, data))).toMatch(/^(x: )?expected /)
  })

  it("does not throw for a hostile value in a free field, and still takes the event after it", () => {
    const cycle: Record<string, unknown> = {}
    cycle["self"] = cycle
    let deep: unknown = 1
    for (let i = 0; i < 100_000; i++) deep = { deep }
    const values: ReadonlyArray<unknown> = [
      cycle,
      deep,
      revoked(),
      {
        get a() {
          throw new Error("no")
        }
      },
      {
        toJSON() {
          throw new Error("no")
        }
      },
      Symbol("s"),
      JSON.parse("{\"__proto__\":{\"polluted\":true}}"),
      "x".repeat(10_000_000),
      Object.freeze({ a: Object.freeze([1]) }),
      Array.from({ length: 1_000_000 }, () => 0),
      10n ** 5000n
    ]
    const encoder = encoderOf(EventCatalog.PerformanceMeasured)
    for (const value of values) {
      const encoded = encoder.encode({ metricName: "m", value: 1, unit: "ms", context: { value } }, "full")
      expect(["Encoded", "Oversize"]).toContain(encoded._tag)
      expect(encoder.encode({ metricName: "m", value: 1, unit: "ms" }, "full")._tag).toBe("Encoded")
    }
    expect("polluted" in {}).toBe(false)
  })
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

/** Data that a declaration allows. */
const dataOf = (definition: EventDefinition.Any): fc.Arbitrary<Record<string, unknown>> => {
  const fields = Object.entries(definition.fields)
  return fc.record(
    Object.fromEntries(fields.map(([name, field]) => [name, Arbitrary.make(field.schema)])),
    { requiredKeys: fields.filter(([, field]) => !field.optional).map(([name]) => name) }
  )
}

const Everything = define({
  text: Privacy.redact(Schema.String),
  short: Privacy.truncate(Schema.String, 5, { level: "enhanced" }),
  who: Privacy.hash(Schema.String),
  list: Privacy.redact(Schema.Array(Schema.Union(Schema.String, Schema.Int, Schema.Null))),
  shape: Privacy.redact(
    Schema.Struct({ token: Schema.String, n: Schema.optional(Schema.Int), email: Schema.Literal("a", "b") })
  ),
  record: Privacy.redact(Schema.Record({ key: Schema.String, value: Schema.Array(Schema.String) })),
  free: Privacy.optional(Privacy.redact(Schema.Unknown, { level: "full" })),
  pair: Privacy.allow(Schema.Tuple(Schema.Int, Schema.Boolean)),
  gone: Privacy.optional(Privacy.drop(Schema.String))
})

const isFiniteThroughout = (value: unknown): boolean =>
  typeof value === "number"
    ? Number.isFinite(value)
    : typeof value !== "object" || value === null || Object.values(value).every(isFiniteThroughout)

describe("what is encoded", () => {
  it("parses back, satisfies the wire schema and has no field above the level", () => {
    for (const definition of [...EventCatalog.builtIn, Everything]) {
      const encoder = encoderOf(definition)
      const is = Schema.is(Catalog.wireDataSchema(definition))
      fc.assert(
        fc.property(dataOf(definition), fc.constantFrom(...Level.all), (data, level) => {
          const encoded = encoder.encode(data, level)
          if (encoded._tag === "Invalid") {
            expect(isFiniteThroughout(data), encoded.issue.message).toBe(false)
            return
          }
          if (encoded._tag === "Oversize") return
          const parsed = JSON.parse(encoded.json)
          expect(is(parsed), encoded.json).toBe(true)
          expect(encoded.measure).toEqual(Measure.reader(definition.type, definition)(encoded.json))
          for (const name of Object.keys(parsed)) {
            const { privacy } = (definition as EventDefinition.Any).fields[name]!
            expect(privacy.treatment).not.toBe("drop")
            expect(Level.includes(level, privacy.level ?? definition.level)).toBe(true)
          }
        }),
        { numRuns: 60 }
      )
    }
  })

  it("holds no planted secret, wherever it was put", () => {
    const planted = secrets.filter(({ text }) => text === undefined)
    const encoder = encoderOf(Everything)
    const place: ReadonlyArray<(s: string) => Record<string, unknown>> = [
      (s) => ({ text: s }),
      (s) => ({ list: ["a", "x " + s] }),
      (s) => ({ shape: { token: s, email: "a" } }),
      (s) => ({ record: { [s]: ["a"] } }),
      (s) => ({ record: { a: [s] } }),
      (s) => ({ free: { a: [{ b: { c: s } }] } }),
      (s) => ({ free: { [s]: 1 } }),
      (s) => ({ gone: s }),
      (s) => ({ other: s })
    ]
    const base = {
      text: "t",
      short: "s",
      who: "w",
      list: [],
      shape: { token: "t", email: "a" },
      record: {},
      pair: [1, true]
    }
    for (const { kind, secret } of planted) {
      for (const put of place) {
        const encoded = encoder.encode({ ...base, ...put(secret) }, "full")
        expect(encoded._tag).toBe("Encoded")
        expect(JSON.stringify(encoded), kind).not.toContain(
          JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)
        )
      }
    }
  })

  it("never changes what it was given", () => {
    const encoder = encoderOf(Everything)
    fc.assert(
      fc.property(dataOf(Everything), (data) => {
        const before = fc.stringify(data)
        encoder.encode(data, "full")
        expect(fc.stringify(data)).toBe(before)
      }),
      { numRuns: 100 }
    )
  })
})

describe("Encoder.lower", () => {
  it("gives what encoding at the lower level would have given", () => {
    for (const definition of [EventCatalog.QueryPerformed, EventCatalog.ErrorOccurred, Everything]) {
      const encoder = encoderOf(definition)
      fc.assert(
        fc.property(dataOf(definition), fc.constantFrom<Level.Level>("basic", "enhanced"), (data, level) => {
          const full = encoder.encode(data, "full")
          const low = encoder.encode(data, level)
          if (full._tag !== "Encoded" || low._tag !== "Encoded") return
          expect(encoder.lower(full.json, level)).toBe(JSON.stringify(JSON.parse(low.json)))
        }),
        { numRuns: 50 }
      )
    }
  })

  it("gives null for a level that does not cover the event, and for text that is not JSON", () => {
    const encoder = encoderOf(define({}, "enhanced"))
    expect(encoder.lower("{}", "basic")).toBeNull()
    expect(encoder.lower("{", "full")).toBeNull()
    expect(encoder.lower("[]", "full")).toBeNull()
  })
})
