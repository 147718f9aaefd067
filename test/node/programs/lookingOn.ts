import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as ErrorTracking from "../../../src/collection/ErrorTracking.js"
import * as Performance from "../../../src/collection/Performance.js"
import * as GlobalErrors from "../../../src/node/GlobalErrors.js"
import * as NodeResources from "../../../src/node/NodeResources.js"
import * as TelemetryNode from "../../../src/node/TelemetryNode.js"
import { create } from "../../../src/promise/index.js"
import { Telemetry } from "../../../src/Telemetry.js"

const live = (dataDir: string) =>
  Layer.merge(GlobalErrors.layer, NodeResources.layer()).pipe(
    Layer.provideMerge(Performance.layer),
    Layer.provideMerge(TelemetryNode.layer({ app: { name: "dying", version: "1" }, dataDir, automatic: false })),
    Layer.provide(ErrorTracking.layerOptions({ window: "1 hour" }))
  )

/** Telemetry with consent to everything, the global listener and all that looks on, for as long as the process lives. */
export const lookOn = (dataDir: string, errors: number): Promise<unknown> =>
  Effect.runPromise(Effect.gen(function*() {
    const context = yield* Layer.buildWithScope(live(dataDir), yield* Scope.make())
    yield* Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* telemetry.granted({ level: "full" })
      for (let i = 0; i < errors; i++) yield* telemetry.trackError("Repeated", "again")
    }).pipe(Effect.provide(context))
  }))

export const lookOnByFacade = (dataDir: string): Promise<unknown> =>
  create({
    app: { name: "dying", version: "1" },
    dataDir,
    consent: "granted",
    level: "full",
    automatic: false,
    globalErrors: true
  })
