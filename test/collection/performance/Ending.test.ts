import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Ending from "../../../src/collection/performance/Ending.js"

class Late extends Data.TaggedError("Late")<{}> {}
const interrupt = Cause.interrupt(FiberId.none)

const table: ReadonlyArray<readonly [string, Exit.Exit<unknown, unknown>, Ending.Ending, string | undefined, number]> =
  [
    ["a success", Exit.succeed(1), { outcome: "success" }, undefined, 0],
    ["a typed failure", Exit.fail(new Late()), { outcome: "failure", tag: "Late" }, "Late", 1],
    ["a failure without tag", Exit.fail("no"), { outcome: "failure", tag: "Error" }, "Error", 1],
    ["a defect", Exit.die(new RangeError("x")), { outcome: "defect", tag: "RangeError" }, "RangeError", 1],
    ["an interruption", Exit.failCause(interrupt), { outcome: "interrupted" }, "interrupted", 130],
    [
      "a failure that was interrupted as well",
      Exit.failCause(Cause.parallel(interrupt, Cause.fail(new Late()))),
      {
        outcome: "failure",
        tag: "Late"
      },
      "Late",
      1
    ],
    [
      "a failure with a defect",
      Exit.failCause(Cause.sequential(Cause.die("d"), Cause.fail(new Late()))),
      {
        outcome: "failure",
        tag: "Late"
      },
      "Late",
      1
    ],
    ["nothing at all", Exit.failCause(Cause.empty), { outcome: "failure" }, "failure", 1]
  ]

describe("the ending", () => {
  for (const [name, exit, ending, tag, code] of table) {
    it(`of ${name} is ${ending.outcome}`, () => {
      assert.deepStrictEqual(Ending.of(exit), ending)
      assert.strictEqual(Ending.errorTag(ending), tag)
      assert.strictEqual(Ending.exitCode(ending), code)
    })
  }
})
