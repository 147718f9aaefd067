// A host that sleeps: its clock is its own, whatever clock telemetry's own fibers use.
import * as Effect from "effect/Effect"
import { TelemetryLive } from "effect-telemetry/node"

await Effect.runPromise(
  Effect.sleep("100 millis").pipe(
    Effect.zipRight(Effect.sync(() => process.stdout.write("woke\n"))),
    Effect.provide(TelemetryLive)
  )
)
