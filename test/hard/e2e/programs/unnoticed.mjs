/** The application could not show its notice, or asks for a newer policy than was consented to; the rest is as `off.mjs`. */
import * as Effect from "effect/Effect"
import { Telemetry } from "effect-telemetry"
import { layer } from "effect-telemetry/node"

const program = Effect.gen(function*() {
  const telemetry = yield* Telemetry
  for (let n = 0; n < 10; n++) yield* telemetry.trackFeature("export", true)
  yield* telemetry.flush
  yield* telemetry.submitNow
  console.log((yield* telemetry.status).reason)
})

const live = layer({
  app: { name: "ax", version: "1.0.0" },
  endpoint: "https://telemetry.example.com/v1/events",
  noticeFailed: process.env.NOTICE_FAILED === "1",
  policyVersion: Number(process.env.POLICY_VERSION ?? 1)
})

await Effect.runPromise(Effect.provide(program, live))
