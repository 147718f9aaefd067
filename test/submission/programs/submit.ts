import * as Effect from "effect/Effect"
import * as KeepAlive from "../../../src/node/KeepAlive.js"
import * as NodeHttp from "../../../src/node/NodeHttp.js"
import * as UnrefClock from "../../../src/node/UnrefClock.js"
import { batch, transport } from "../Fixtures.js"

/** Submits one batch in the background, or waits for it and prints the outcome. */
const [, , address = "", mode = ""] = process.argv

const submit = Effect.flatMap(NodeHttp.make, (http) => transport(address, http).submit(batch(1))).pipe(
  Effect.flatMap(({ outcome }) => Effect.sync(() => process.stdout.write(JSON.stringify(outcome) + "\n"))),
  Effect.scoped,
  Effect.withClock(UnrefClock.clock)
)

Effect.runFork(mode === "wait" ? KeepAlive.during(submit) : submit)
