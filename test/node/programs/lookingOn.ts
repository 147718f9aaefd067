import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as GlobalErrors from "../../../src/node/GlobalErrors.js"
import * as TelemetryNode from "../../../src/node/TelemetryNode.js"
import { Telemetry } from "../../../src/Telemetry.js"

/** Telemetry with consent to everything and the global listener, for as long as the process lives. */
export const lookOn = (dataDir: string): Promise<unknown> =>
  Effect.runPromise(Effect.gen(function*() {
    const live = GlobalErrors.layer.pipe(
      Layer.provideMerge(TelemetryNode.layer({ app: { name: "dying", version: "1" }, dataDir, automatic: false }))
    )
    const context = yield* Layer.buildWithScope(live, yield* Scope.make())
    yield* Effect.provide(Effect.flatMap(Telemetry, (telemetry) => telemetry.granted({ level: "full" })), context)
  }))
