/**
 * The status from consent, settings and store alone: nothing that records or sends is loaded for it. A test holds it to what
 * `Telemetry.status` says.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { existsSync } from "node:fs"
import * as path from "node:path"
import * as ConsentGate from "../consent/ConsentGate.js"
import { ConsentStore } from "../consent/ConsentStore.js"
import * as Destination from "../domain/Destination.js"
import * as ConsentFile from "../node/ConsentFile.js"
import * as Directories from "../node/Directories.js"
import * as NodeIds from "../node/NodeIds.js"
import * as NodeOverrides from "../node/NodeOverrides.js"
import * as SettingsFile from "../node/SettingsFile.js"
import type { Settings } from "../persistence/Settings.js"
import * as Status from "../Status.js"
import * as TelemetryConfig from "../TelemetryConfig.js"
import { unreadable } from "./commands/statusView.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly app: { readonly name: string; readonly version: string }
  readonly dataDir: string | undefined
}

const state = <E>(config: Layer.Layer<TelemetryConfig.Config, E, Settings>, refused?: string) =>
  ConsentGate.layer.pipe(
    Layer.provide(Layer.mergeAll(NodeOverrides.layer({ refused }), NodeIds.layer)),
    Layer.provideMerge(ConsentFile.layer),
    Layer.provideMerge(config),
    Layer.provide(SettingsFile.layer)
  )

const stored = (directory: string | null) => {
  const file = path.join(directory ?? "", Directories.storeName)
  return directory === null || !existsSync(file)
    ? Effect.succeed({ known: Status.nothingStored, problem: null })
    : Effect.flatMap(Effect.promise(() => import("../node/StoredFile.js")), (store) => store.read(file))
}

const whole = (directory: string | null, refused: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const config = yield* TelemetryConfig.Config
    const gate = yield* ConsentGate.ConsentGate
    const effective = yield* gate.refresh
    const erasures = yield* Effect.match(Effect.flatMap(ConsentStore, (store) => store.read), {
      onFailure: () => [],
      onSuccess: (record) => record?.erasures ?? []
    })
    const { known, problem } = yield* stored(directory)
    const unreadable = gate.unsafeProblem()
    const { warnings } = yield* NodeOverrides.read()
    return Status.make({
      effective,
      endpoint: config.endpoint,
      dataDir: directory,
      queueLimit: config.queueLimit,
      stored: known,
      uncommitted: {},
      erasures,
      warnings: [
        ...refused,
        ...warnings,
        ...(unreadable === null ? [] : [unreadable]),
        ...(problem === null ? [] : [problem])
      ]
    })
  })

/**
 * Never fails: where environment or settings are refused, telemetry is off, and the reason is a warning.
 *
 * @since 0.1.0
 * @category constructors
 */
export const read = ({ app, dataDir }: Options): Effect.Effect<Status.Status> =>
  Effect.flatMap(Directories.Directories, (directories) => {
    const options = { app, destinations: [Destination.defaultId] }
    const alone = Layer.effect(TelemetryConfig.Config, TelemetryConfig.resolve({ options }))
    return whole(directories.path, []).pipe(
      Effect.provide(state(TelemetryConfig.layer(options))),
      Effect.catchAll(({ message }) => Effect.provide(whole(directories.path, [message]), state(alone, message))),
      Effect.catchAll(({ message }) => Effect.succeed(unreadable(directories.path, message)))
    )
  }).pipe(Effect.provide(Directories.layer({ appName: app.name, dataDir })))
