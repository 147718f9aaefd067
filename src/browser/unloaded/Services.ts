/**
 * The layers of a page that could not load telemetry: nothing is recorded, nothing stored is known, and what needs the store
 * or the consent fails and says why. Most tags are named by their keys, because their modules are what is missing, and streams
 * are effects, which are streams of one element: a page that uses no others need not load them.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Breadcrumbs from "../../collection/Breadcrumbs.js"
import type * as Collector from "../../collection/Collector.js"
import type * as ErrorTracking from "../../collection/ErrorTracking.js"
import type * as Health from "../../collection/health/Health.js"
import type * as Session from "../../collection/Session.js"
import type * as ConsentGate from "../../consent/ConsentGate.js"
import { ConsentUnreadable } from "../../consent/ConsentStore.js"
import type { Effective } from "../../domain/Consent.js"
import type { EventContext } from "../../domain/TelemetryEvent.js"
import { EventStore } from "../../persistence/EventStore.js"
import { Rollups } from "../../persistence/Rollups.js"
import type * as Settings from "../../persistence/Settings.js"
import { SettingsError } from "../../persistence/SettingsError.js"
import { StoreError } from "../../persistence/StoreError.js"
import { SubmissionQueue } from "../../persistence/SubmissionQueue.js"
import { Telemetry } from "../../Telemetry.js"
import type * as TelemetryConfig from "../../TelemetryConfig.js"
import type { Options, Services } from "../Composed.js"
import * as Config from "./Config.js"
import * as Unloaded from "./Status.js"

const nothing = (): Effect.Effect<void> => Effect.void

const unknown = Effect.succeed({ health: "UNKNOWN", services: [] } as const)

const effective: Effective = {
  enabled: false,
  reason: "not-loaded",
  level: "basic",
  remote: false,
  epoch: null,
  optedOutAt: null,
  installationId: null,
  sendable: new Map()
}

const collection = ({ app }: Options) => {
  const context: EventContext = {
    sessionId: "",
    installationId: null,
    app: app ?? Config.app,
    epoch: "",
    level: "basic",
    remote: false
  }
  return Context.mergeAll(
    Context.make(Context.GenericTag<Collector.Collector, Collector.Service>("effect-telemetry/collection/Collector"), {
      unsafeTrack: () => null,
      unsafeTrackNamed: () => null,
      definition: () => undefined
    }),
    Context.make(Context.GenericTag<Health.Health, Health.Service>("effect-telemetry/collection/health/Health"), {
      register: nothing,
      check: unknown,
      report: unknown,
      transitions: Effect.never
    }),
    Context.make(
      Context.GenericTag<ErrorTracking.ErrorTracking, ErrorTracking.Service>(
        "effect-telemetry/collection/ErrorTracking"
      ),
      {
        unsafeTrack: () => {},
        track: nothing,
        trackNow: nothing,
        captureCause: nothing,
        withState: nothing,
        settle: Effect.void
      }
    ),
    Context.make(
      Context.GenericTag<Breadcrumbs.Breadcrumbs, Breadcrumbs.Service>("effect-telemetry/collection/Breadcrumbs"),
      { unsafeAdd: () => {}, add: nothing, unsafeAll: () => [], clear: Effect.void }
    ),
    Context.make(Context.GenericTag<Session.Session, Session.Service>("effect-telemetry/collection/Session"), {
      isResumed: false,
      isRemembered: false,
      unsafeContext: () => context,
      unsafeTouch: () => context,
      unsafeSummary: () => ({ duration: 0, events: 0, errors: 0 }),
      unsafeEndIfIdle: () => false,
      unsafeListen: () => {}
    })
  )
}

const consent = (message: string) => {
  const refuse = () => Effect.fail(new ConsentUnreadable({ message }))
  return Context.mergeAll(
    Context.make(
      Context.GenericTag<ConsentGate.ConsentGate, ConsentGate.Service>("effect-telemetry/consent/ConsentGate"),
      {
        unsafeCurrent: () => effective,
        refresh: Effect.succeed(effective),
        unsafeHashKey: () => null,
        unsafeProblem: () => null,
        changes: Effect.succeed(effective),
        follow: (f) => Effect.zipRight(f(effective), Effect.never),
        enable: refuse,
        disable: refuse,
        erase: refuse,
        granted: refuse
      }
    ),
    Context.make(Context.GenericTag<Settings.Settings, Settings.Service>("effect-telemetry/persistence/Settings"), {
      all: Effect.fail(new SettingsError({ message })),
      update: () => Effect.fail(new SettingsError({ message }))
    })
  )
}

const persistence = (refused: Effect.Effect<never, StoreError>) => {
  const refuse = () => refused
  return Context.mergeAll(
    Context.make(EventStore, {
      exists: Effect.succeed(false),
      warm: refused,
      append: refuse,
      read: refuse,
      size: refused,
      ledger: refused,
      damaged: Effect.succeed({ setAside: 0, kept: [] }),
      clear: refused,
      expire: refuse,
      relevel: refuse
    }),
    Context.make(SubmissionQueue, {
      claim: refuse,
      settle: refuse,
      settleThenClaim: refuse,
      renew: refuse,
      withhold: refuse,
      releaseAll: refuse,
      acquire: refuse,
      state: refuse,
      setState: refuse,
      stats: refuse,
      counts: refuse,
      nextDue: refuse,
      requests: refuse,
      life: refuse,
      list: refuse,
      requeue: refuse,
      purge: refuse,
      clear: refuse
    }),
    Context.make(Rollups, { read: refuse, catchUp: refuse, seal: refuse, expire: refuse })
  )
}

const telemetry = ({ endpoint }: Options, message: string, refused: Effect.Effect<never, StoreError>) => {
  const refuse = () => refused
  const noConsent = () => Effect.fail(new ConsentUnreadable({ message }))
  return Context.make(Telemetry, {
    track: nothing,
    trackNow: nothing,
    unsafeTrack: () => null,
    trackCommand: nothing,
    trackQuery: nothing,
    trackParser: nothing,
    trackError: nothing,
    trackPerformance: nothing,
    trackFeature: nothing,
    preview: () => Effect.succeed({ level: "basic", body: null, issue: message, fields: [] }),
    flush: Effect.void,
    submitNow: Effect.succeed(Unloaded.report(message)),
    status: Effect.succeed(Unloaded.status(endpoint, message)),
    ledger: refused,
    enable: noConsent,
    granted: noConsent,
    disable: noConsent,
    stats: refuse,
    usage: refuse,
    export: refuse,
    clear: refused,
    clearEverywhere: refused,
    clearQueue: refused,
    sessionId: Effect.succeed(""),
    isEnabled: Effect.succeed(false)
  })
}

/**
 * Says the message once, in the log; `status` says it whenever it is asked.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options, message: string): Layer.Layer<Services> => {
  const refused = Effect.fail(new StoreError({ reason: "unavailable", message }))
  const config = Context.GenericTag<TelemetryConfig.Config, TelemetryConfig.TelemetryConfig>(
    "effect-telemetry/TelemetryConfig"
  )
  return Layer.effectContext(Effect.as(
    Effect.logWarning(message),
    Context.mergeAll(
      telemetry(options, message, refused),
      collection(options),
      consent(message),
      persistence(refused),
      Context.make(config, Config.make(options))
    )
  ))
}
