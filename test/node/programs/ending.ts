// Ends in the way it is asked to, and tells what its exit hooks did.
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { writeSync } from "node:fs"
import * as ExitHook from "../../../src/node/ExitHook.js"
import * as KeepAlive from "../../../src/node/KeepAlive.js"
import * as UnrefClock from "../../../src/node/UnrefClock.js"

const say = (text: string) => Effect.sync(() => writeSync(1, `${text}\n`))
const unref = <A, E>(effect: Effect.Effect<A, E>) => Effect.withClock(effect, UnrefClock.clock)

const ways: Record<string, () => Effect.Effect<unknown>> = {
  "process.exit": () =>
    Effect.scoped(Effect.gen(function*() {
      yield* ExitHook.onExit(say("first"))
      yield* ExitHook.onExit(Effect.zipRight(say("second"), Effect.die("a defect")))
      yield* ExitHook.onExit(
        Effect.zipRight(Effect.promise(() => Promise.resolve()), say("never: it is not synchronous"))
      )
      yield* Effect.sync(() => process.exit(3))
    })),
  throwing: () =>
    Effect.scoped(Effect.gen(function*() {
      yield* ExitHook.onExit(say("hook"))
      setImmediate(() => {
        throw new Error("the host's own")
      })
      yield* Effect.never
    })),
  "closed scope": () => Effect.zipRight(Effect.scoped(ExitHook.onExit(say("hook"))), say("done")),
  "unref sleep": () => unref(Effect.zipRight(Effect.sleep("1 hour"), say("woke"))),
  "unref forever": () => unref(Effect.zipRight(Effect.sleep(Duration.infinity), say("woke"))),
  "unref long": () => unref(Effect.zipRight(Effect.sleep("60 days"), say("woke"))),
  "kept alive": () => unref(KeepAlive.during(Effect.zipRight(Effect.sleep("20 millis"), say("woke"))))
}

const way = ways[process.argv[2] ?? ""]
if (way !== undefined) Effect.runFork(way())
