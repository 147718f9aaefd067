import * as Chunk from "effect/Chunk"
import type * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { Service as HostService, Services } from "../../src/cli/Host.js"
import { run } from "../../src/cli/Run.js"
import type { Service as ShellService } from "../../src/cli/Shell.js"
import { ConsentGate } from "../../src/consent/ConsentGate.js"
import type { Effective, Reason } from "../../src/domain/Consent.js"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as Ids from "../../src/domain/Ids.js"
import type { Level } from "../../src/domain/Level.js"
import * as Rollup from "../../src/domain/Rollup.js"
import * as TelemetryEvent from "../../src/domain/TelemetryEvent.js"
import * as UsageSummary from "../../src/insight/UsageSummary.js"
import * as LocalStats from "../../src/LocalStats.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { layerMemory } from "../../src/persistence/Memory.js"
import { Rollups } from "../../src/persistence/Rollups.js"
import * as Settings from "../../src/persistence/Settings.js"
import { SubmissionQueue } from "../../src/persistence/SubmissionQueue.js"
import type { SubmitReport } from "../../src/scheduling/Submitter.js"
import * as Status from "../../src/Status.js"
import * as Stored from "../../src/Stored.js"
import { Telemetry } from "../../src/Telemetry.js"
import * as TelemetryConfig from "../../src/TelemetryConfig.js"

/** What a run left behind. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** An application's telemetry in memory: the stores are the real ones, consent and sending are plain variables. */
export interface World {
  readonly run: (...argv: ReadonlyArray<string>) => Effect.Effect<Ran>
  readonly input: (lines: ReadonlyArray<string>) => void
  readonly interactive: (yes: boolean) => void
  readonly consent: { enabled: boolean; reason: Reason; level: Level; remote: boolean; optedOutAt: number | null }
  report: SubmitReport
  broken: string | null
  defect: string | null
  readonly opened: () => number
  readonly dirs: ReadonlyArray<string | undefined>
}

const epochId = "7d9c3f5e-1111-4222-8333-444455556666"

const effectiveOf = (consent: World["consent"]): Effective => ({
  enabled: consent.enabled,
  reason: consent.reason,
  level: consent.level,
  remote: consent.remote,
  epoch: null,
  optedOutAt: consent.optedOutAt,
  installationId: null,
  sendable: new Map()
})

const services = (world: World) =>
  Effect.gen(function*() {
    const store = yield* EventStore
    const queue = yield* SubmissionQueue
    const rollups = yield* Rollups
    const ids = yield* Ids.Ids
    const { consent } = world
    const fold = Rollup.folder((type) => EventCatalog.builtIn.find((known) => known.type === type))
    const pending: Array<TelemetryEvent.RedactedEvent> = []
    const status = Effect.gen(function*() {
      return Status.make({
        effective: effectiveOf(consent),
        endpoint: null,
        dataDir: "/data",
        queueLimit: 10_000,
        stored: {
          size: yield* store.size,
          ledger: yield* store.ledger,
          damaged: [],
          destinations: [{
            id: "default",
            counts: yield* queue.counts("default"),
            state: yield* queue.state("default"),
            stats: yield* queue.stats("default")
          }]
        },
        uncommitted: {},
        warnings: []
      })
    }).pipe(Effect.orDie)
    const flush = Effect.suspend(() => {
      const events = pending.splice(0)
      return events.length === 0 ? Effect.void : store.append({
        events,
        rollups: fold(events),
        destinations: ["default"],
        counts: { offered: events.length },
        queueLimit: 10_000
      })
    }).pipe(Effect.orDie, Effect.asVoid)
    const unused = () => Effect.die("not part of the command line")
    const telemetry: Telemetry["Type"] = {
      track: unused,
      trackNow: unused,
      preview: (type, _, request) =>
        Effect.succeed({ level: request?.level ?? "basic", body: `{"events":["${type}"]}`, issue: null, fields: [] }),
      granted: unused,
      trackCommand: unused,
      trackQuery: unused,
      trackParser: unused,
      trackError: unused,
      trackPerformance: unused,
      trackFeature: unused,
      unsafeTrack: (type, data) => {
        if (!EventCatalog.builtIn.some((d) => d.type === type)) return { path: "eventType", message: "is not declared" }
        if (
          typeof data === "object" && data !== null && "featureName" in data && typeof data.featureName !== "string"
        ) {
          return { path: "featureName", message: "expected a string" }
        }
        pending.push(TelemetryEvent.unsafeRedacted({
          id: ids.uuid7(1_700_000_000_000),
          type,
          time: 1_700_000_000_000 + pending.length,
          data: JSON.stringify(data),
          rate: 1,
          suppressed: 0,
          context: {
            sessionId: epochId,
            installationId: null,
            app: { name: "=cmd", version: "1" },
            epoch: epochId,
            level: consent.level,
            remote: consent.remote
          }
        }))
        return null
      },
      flush,
      submitNow: Effect.sync(() => world.report),
      status,
      ledger: store.ledger,
      enable: (options) =>
        Effect.suspend(() => {
          Object.assign(consent, {
            enabled: true,
            reason: "consented",
            level: options.level ?? "basic",
            remote: options.remote ?? consent.remote
          })
          return status
        }),
      disable: ({ erase, remoteOnly }) =>
        Effect.suspend(() => {
          Object.assign(
            consent,
            remoteOnly === true
              ? { remote: false }
              : { enabled: false, reason: "opted-out", remote: false, optedOutAt: 5 }
          )
          return Effect.zipRight(erase === true ? store.clear : Effect.void, status)
        }),
      stats: (request) => LocalStats.read(rollups, request),
      usage: (filter) =>
        UsageSummary.read(
          LocalStats.stream(rollups, filter),
          Stream.map(Stored.stream(store, filter), ({ event }) => event)
        ),
      export: (filter) =>
        Stream.map(
          Stored.stream(store, filter),
          ({ event }): TelemetryEvent.WireEvent => JSON.parse(TelemetryEvent.toJson(event))
        ),
      clear: store.clear,
      clearEverywhere: Effect.map(store.clear, (cleared) => ({ ...cleared, waiting: null })),
      clearQueue: queue.clear("default"),
      sessionId: Effect.succeed(epochId),
      isEnabled: Effect.sync(() => consent.enabled)
    }
    const gate: ConsentGate["Type"] = {
      unsafeCurrent: () => effectiveOf(consent),
      erase: () => Effect.sync(() => effectiveOf(consent)),
      unsafeHashKey: () => null,
      unsafeProblem: () => null,
      refresh: Effect.sync(() => effectiveOf(consent)),
      changes: Stream.empty,
      follow: () => Effect.never,
      enable: unused,
      disable: unused,
      granted: unused
    }
    return Context.make(Telemetry, telemetry).pipe(Context.add(ConsentGate, gate))
  })

/** Makes a world in which nobody was asked yet. */
export const make: Effect.Effect<World> = Effect.scoped(Effect.gen(function*() {
  const base = yield* Layer.build(
    Layer.mergeAll(layerMemory, Settings.layerMemory(), Ids.layerSeeded(1))
  )
  let lines: ReadonlyArray<string> = []
  let interactive = false
  let opened = 0
  const dirs: Array<string | undefined> = []
  const world: World = {
    consent: { enabled: false, reason: "not-asked", level: "basic", remote: false, optedOutAt: null },
    report: { submitted: 0, rejected: 0, failed: 0, remaining: 0, lastError: null },
    broken: null,
    defect: null,
    opened: () => opened,
    dirs,
    input: (given) => {
      lines = given
    },
    interactive: (yes) => {
      interactive = yes
    },
    run: (...argv) =>
      Effect.gen(function*() {
        const out: Array<string> = []
        const err: Array<string> = []
        const inner = yield* Effect.console
        const console: Console.Console = {
          ...inner,
          log: (...args) => Effect.sync(() => void out.push(args.join(" "))),
          error: (...args) => Effect.sync(() => void err.push(args.join(" ")))
        }
        const shell: ShellService = {
          interactive,
          progress: false,
          style: { color: false, columns: null },
          lines: Stream.fromChunk(Chunk.fromIterable(lines))
        }
        const code = yield* run(argv, { layer, shell }).pipe(Effect.withConsole(console))
        return { code, out: out.join("\n"), err: err.join("\n") }
      })
  }
  const context = Context.merge(base, yield* services(world).pipe(Effect.provide(base)))
  const layer: HostService["layer"] = ({ dataDir }) => {
    opened++
    dirs.push(dataDir)
    if (world.broken !== null) return Layer.fail({ message: world.broken })
    if (world.defect !== null) return Layer.die(new Error(world.defect))
    const config: Layer.Layer<TelemetryConfig.Config> = Layer.unwrapEffect(
      Effect.map(
        Effect.orDie(Context.get(base, Settings.Settings).all),
        (values) => TelemetryConfig.layerTest({ endpoint: values["remote-endpoint"] ?? null })
      )
    )
    const all: Layer.Layer<Services> = Layer.merge(Layer.succeedContext(context), config)
    return all
  }
  return world
}))
