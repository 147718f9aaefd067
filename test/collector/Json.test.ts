import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Json from "../../src/collector/Json.js"

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const inPieces = (text: string, size: number): unknown => {
  const json = Buffer.from(text)
  return Json.parseInPieces(json, { encoding: json.length === text.length ? "latin1" : "utf8", list: "events", size })
}

describe("values", () => {
  const valuesOf = (value: unknown): number => {
    if (typeof value !== "object" || value === null) return 0
    const inner = Object.values(value)
    return 1 + Math.max(0, inner.length - 1) + inner.reduce((sum: number, one) => sum + valuesOf(one), 0)
  }

  it("are counted as they are, whatever stands in texts", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const count = valuesOf(value)
      const json = Buffer.from(JSON.stringify(value))
      assert.isFalse(Json.holdsMoreValues(json, count))
      if (count > 0) assert.isTrue(Json.holdsMoreValues(json, count - 1))
    }))
  })
})

describe("parsing in pieces", () => {
  const size = fc.integer({ min: 1, max: 40 })

  /** As events are: each begins like the others, and holds anything. */
  const events = fc.array(fc.jsonValue().map((data) => ({ id: "a", data })), { minLength: 1, maxLength: 20 })

  it("finds what parsing the whole finds", () => {
    fc.assert(fc.property(events, size, (events, size) => {
      assert.deepStrictEqual(inPieces(JSON.stringify({ key: "k", events, n: 1 }), size), { key: "k", events, n: 1 })
    }))
  })

  const tokens = ["{\"id\":", "\"events\":", "[", "]", "{", "}", ",", "},", ":", "\"", "\\", "1", "[]", "    ", "ü", ""]

  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.integer({ min: 0, max: 2 }),
    token: fc.constantFrom(...tokens)
  })

  const indent = fc.constantFrom("", " ", "     ")

  it("finds nothing else, whatever the text", () => {
    const seen = { found: 0, invalid: 0 }
    fc.assert(
      fc.property(
        events,
        fc.jsonValue(),
        indent,
        fc.array(edit, { maxLength: 3 }),
        size,
        (events, x, indent, edits, size) => {
          const text = edits.reduce((text, { at, removed, token }) => {
            const position = Math.floor(at * text.length)
            return text.slice(0, position) + token + text.slice(position + removed)
          }, JSON.stringify({ events, x }, null, indent))
          const value = inPieces(text, size)
          const whole = parse(text)
          seen.invalid += whole === undefined ? 1 : 0
          if (value === null) return
          seen.found += 1
          assert.deepStrictEqual(value, whole, text)
        }
      ),
      { numRuns: 5_000 }
    )
    assert.isAbove(seen.found, 300)
    assert.isAbove(seen.invalid, 1_000)
  })

  for (
    const text of [
      "{\"events\":[    {\"a\":1},    {\"a\":2},    ]}",
      "{\"events\":[{\"a\":1},{\"a\":2}],\"events\":3}",
      "{\"events\":[[{\"a\":1},{\"a\":2}],[{\"a\":1}]]}",
      "{\"x\":\"[\",\"events\":[{\"a\":1},{\"a\":2}]}",
      "{\"events\":[{\"a\":1},{\"a\":2}],\"x\":\"]\"}",
      "{\"events\":[{\"a\":\"},{\\\"a\"},{\"a\":2}]}",
      "{\"events\":{\"a\":[{\"a\":1},{\"a\":2}]}}",
      "[{\"a\":1},{\"a\":2}]",
      "{\"events\":[{\"a\":1}},{\"a\":2}]}",
      "{\"__proto__\":{\"events\":[]},\"others\":[{\"a\":1},{\"a\":2}]}"
    ]
  ) {
    it(`is right about ${text}`, () => {
      for (let size = 1; size < 40; size += 1) {
        const value = inPieces(text, size)
        if (value !== null) assert.deepStrictEqual(value, parse(text))
      }
    })
  }

  it("takes a batch as clients send it", () => {
    const batch = {
      events: Array.from({ length: 1_000 }, (_, i) => ({
        id: `0190b3f2-7c1e-7a9a-b0c4-${String(i).padStart(12, "0")}`,
        sessionId: "0d3c1c0e-5a0f-4c39-9a5f-0d6f5f2f3a11",
        eventType: "command_executed",
        eventData: { command: "build", args: ["--json"], duration: i, note: "zwölf } , { [ ] Zeichen" },
        timestamp: 1_700_000_000_000 + i,
        level: "basic",
        sampleRate: 1,
        app: { name: "ax", version: "2.1.0" },
        schemaVersion: 1
      }))
    }
    assert.deepStrictEqual(inPieces(JSON.stringify(batch), 4_096), batch)
    assert.deepStrictEqual(inPieces(JSON.stringify(batch, null, 2), 4_096), batch)
  })
})
