import { assert, describe, it } from "@effect/vitest"
import * as Events from "../../src/beacon/Events.js"

describe("the data of a beacon's event", () => {
  const fields = { name: "string", count: "number?", gift: "boolean?", apiKey: "string?" } as const

  it("is what was declared, and nothing else", () => {
    assert.deepStrictEqual(Events.shape(fields, { name: "a", count: 1, gift: true, other: "x" }), {
      name: "a",
      count: 1,
      gift: true
    })
  })

  it.each([
    [{}],
    [{ name: 1 }],
    [{ name: "a", count: "1" }],
    [{ name: "a", count: Number.NaN }],
    [{ name: { toString: () => "a" } }],
    [{ name: "a", gift: null }]
  ])("is none at all where a field is not as declared: %j", (data) => {
    assert.isNull(Events.shape(fields, data))
  })

  it("says nothing of a field that is named like a secret", () => {
    assert.deepStrictEqual(Events.shape(fields, { name: "a", apiKey: "open sesame" }), {
      name: "a",
      apiKey: "[redacted]"
    })
  })
})

describe("text in a beacon's event", () => {
  it.each([
    ["ask jo.doe+x@example.co.uk now", "ask [email] now"],
    ["call +49 (0)171 234-5678", "call [number]"],
    ["card 4111 1111 1111 1111", "card [number]"],
    ["ssn 078-05-1120", "ssn [number]"],
    ["from 192.168.10.5", "from [number]"],
    ["from fe80:0:0:0:1:2:3:4", "from [number]"],
    ["see https://example.com/a?token=b#c", "see [url]"],
    ["Bearer abc.def", "[token]"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "[token]"],
    ["/home/jo/x and C:\\Users\\jo\\x", "[path]/x and [path]\\x"]
  ])("loses what looks personal: %s", (text, redacted) => {
    assert.strictEqual(Events.redact(text), redacted)
  })

  it.each(["export", "checkout-step_2", "v2.10.3", "good", "NeedsImprovement", "abcdefghijklmnop", "page.long_tasks"])(
    "keeps what a developer wrote: %s",
    (text) => assert.strictEqual(Events.redact(text), text)
  )

  it("is short", () => {
    assert.lengthOf(Events.redact("word ".repeat(10_000)), 100)
  })
})
