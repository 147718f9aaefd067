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
    ["a success", Exit.succeed(1), { exit: "success" }, undefined, 0],
    ["a typed failure", Exit.fail(new Late()), { exit: "failure", errorType: "Late" }, "Late", 1],
    ["a failure without tag", Exit.fail("no"), { exit: "failure", errorType: "string" }, "string", 1],
    ["a defect", Exit.die(new RangeError("x")), { exit: "defect", errorType: "RangeError" }, "RangeError", 1],
    ["an interruption", Exit.failCause(interrupt), { exit: "interrupted" }, "Interrupted", 130],
    [
      "a failure that was interrupted as well",
      Exit.failCause(Cause.parallel(interrupt, Cause.fail(new Late()))),
      {
        exit: "failure",
        errorType: "Late"
      },
      "Late",
      1
    ],
    [
      "a defect beside a failure",
      Exit.failCause(Cause.sequential(Cause.fail(new Late()), Cause.die(new RangeError("d")))),
      {
        exit: "defect",
        errorType: "RangeError"
      },
      "RangeError",
      1
    ],
    ["nothing at all", Exit.failCause(Cause.empty), { exit: "failure" }, undefined, 1]
  ]

describe("the ending", () => {
  for (const [name, exit, ending, tag, code] of table) {
    it(`of ${name} is ${ending.exit}`, () => {
      assert.deepStrictEqual(Ending.of(exit), ending)
      assert.strictEqual(Ending.errorTag(ending), tag)
      assert.strictEqual(Ending.exitCode(ending), code)
    })
  }
})
