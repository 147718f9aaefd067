import { assert, describe, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as Fingerprint from "../../../src/collection/errors/Fingerprint.js"
import * as Message from "../../../src/collection/errors/Message.js"
import * as Stack from "../../../src/collection/errors/Stack.js"

interface Recorded {
  readonly engine?: string
  readonly errorType: string
  readonly message: string
  readonly stack: ReadonlyArray<string>
}

const read = (name: string): Readonly<Record<string, ReadonlyArray<Recorded>>> =>
  JSON.parse(fs.readFileSync(new URL(`${name}.stacks.json`, import.meta.url), "utf8"))

/** Node's are recorded; those of the browsers are written in their formats. */
const groups = Object.entries({ ...read("node"), ...read("browser") })

const fingerprint = ({ errorType, message, stack }: Recorded) => Fingerprint.make(errorType, message, stack.join("\n"))

/** What was compared, for the one who reads the failure. */
const shown = ({ errorType, message, stack }: Recorded) =>
  JSON.stringify([errorType, Message.normalize(message, errorType), Stack.normalize(stack.join("\n"), message)])

describe("recorded stacks", () => {
  it("are 60 at least, in 20 groups at least", () => {
    assert.isAtLeast(groups.length, 20)
    assert.isAtLeast(groups.flatMap(([, recorded]) => recorded).length, 60)
  })

  for (const [name, recorded] of groups) {
    it(`of one error are one group: ${name}`, () => {
      assert.isAtLeast(recorded.length, 3)
      assert.strictEqual(new Set(recorded.map(fingerprint)).size, 1, recorded.map(shown).join("\n"))
    })
  }

  it("of different errors are never one group", () => {
    const owners = new Map<string, string>()
    for (const [name, recorded] of groups) {
      for (const one of recorded) {
        assert.strictEqual(owners.get(fingerprint(one)) ?? name, name, shown(one))
        owners.set(fingerprint(one), name)
      }
    }
  })
})
