import { expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { utf8Length } from "../../src/persistence/Utf8.js"

it("counts the bytes that a text has in UTF-8", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text))
    })
  )
  expect(utf8Length("aé€😀")).toBe(1 + 2 + 3 + 4)
})
