import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { createHmac } from "node:crypto"
import * as KeyedHash from "../../src/collection/KeyedHash.js"

describe("KeyedHash", () => {
  it("gives the value of RFC 4231, test case 2", () => {
    assert.strictEqual(
      KeyedHash.make("Jefe")("what do ya want for nothing?"),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
  })

  it.prop("agrees with the platform's own, for any key and text", [
    FastCheck.string({ unit: "grapheme", maxLength: 150 }),
    FastCheck.string({ unit: "grapheme", maxLength: 300 })
  ], ([key, text]) => {
    assert.strictEqual(KeyedHash.make(key)(text), createHmac("sha256", key).update(text).digest("hex"))
  })
})
