/**
 * The one place that says whether telemetry is on: the stored consent, after every override.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import * as CatalogScope from "../domain/CatalogScope.js"
import * as Consent from "../domain/Consent.js"
import * as ConsentChange from "../domain/ConsentChange.js"
import * as Erasure from "../domain/Erasure.js"
import { Ids } from "../domain/Ids.js"
import type { Level } from "../domain/Level.js"
import * as Changes from "../internal/changes.js"
import { Config } from "../TelemetryConfig.js"
import { ConsentStore, ConsentUnreadable } from "./ConsentStore.js"
import { Overrides } from "./Overrides.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface EnableOptions {
  /** Default: what the standing consent has, else basic. */
  readonly level?: Level | undefined
  /** Default: what the standing consent has, else false. */
  readonly remote?: boolean | undefined
  /** The endpoint consented to; only its origin is recorded. Default: the configured one. */
  readonly endpoint?: string | undefined
  /** The notice was shown before the person answered; the time is recorded. */
  readonly noticeShown?: boolean | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** What held when last looked at. Synchronous and free: `track` asks it for every event. */
  readonly unsafeCurrent: () => Consent.Effective
  /** Looks again. Runs synchronously; the commit and the claim ask it. Unreadable means off. */
  readonly refresh: Effect.Effect<Consent.Effective>
  /** The secret behind hashed fields; null while telemetry is off. Never shown, never sent. */
  readonly unsafeHashKey: () => string | null
  /** Why the record cannot be read or written, for a person: with `unreadable` as the reason. Null while it can. */
  readonly unsafeProblem: () => string | null
  /** Every change of what holds, beginning with what holds now. */
  readonly changes: Stream.Stream<Consent.Effective>
  /** Does something with each of the `changes` for as long as it is not interrupted, without loading what runs streams. */
  readonly follow: <E, R>(f: (now: Consent.Effective) => Effect.Effect<unknown, E, R>) => Effect.Effect<never, E, R>
  readonly enable: (options: EnableOptions) => Effect.Effect<Consent.Effective, ConsentUnreadable>
  /** Opts out; with `remoteOnly`, of sending only. */
  readonly disable: (
    options: { readonly remoteOnly: boolean; readonly erase?: Erasure.Subjects | undefined }
  ) => Effect.Effect<Consent.Effective, ConsentUnreadable>
  /** Asks for erasure at the collector; recording goes on as somebody else. */
  readonly erase: (subjects: Erasure.Subjects) => Effect.Effect<Consent.Effective, ConsentUnreadable>
  /**
   * An application that asked by itself: records a grant unless the person opted out, which wins. When policy version,
   * level, remote and origin are the same as those that stand, the standing epoch goes on.
   */
  readonly granted: (options: EnableOptions) => Effect.Effect<Consent.Effective, ConsentUnreadable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ConsentGate extends Context.Tag("effect-telemetry/consent/ConsentGate")<ConsentGate, Service>() {}

/**
 * Waits until what is asked for holds, beginning with what holds now.
 *
 * @since 0.1.0
 * @category accessors
 */
export const until = (
  gate: Pick<Service, "follow">,
  holds: (now: Consent.Effective) => boolean
): Effect.Effect<Consent.Effective> => Effect.flip(gate.follow((now) => holds(now) ? Effect.fail(now) : Effect.void))

/** Stores that read anew each time give new objects for the same record. */
const sameRecord = (a: Consent.Input["record"], b: Consent.Input["record"]): boolean =>
  a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b))

/** Changes a slow reader may be behind; of more it sees the newest. */
const changesKept = 16

const make = Effect.gen(function*() {
  const store = yield* ConsentStore
  const overrides = yield* Overrides
  const config = yield* Config
  const ids = yield* Ids

  /** A change could not be written: what is on disk is not what was asked for, and so nothing is recorded until one can. */
  let unwritable = false
  let problem: string | null = null
  let seen: Consent.Input["record"] = null

  const catalog = CatalogScope.of(config.events)

  const resolve = (record: Consent.Input["record"]): Consent.Effective =>
    Consent.resolve({
      record,
      overrides,
      policyVersion: config.policyVersion,
      configuredMaxLevel: config.maxLevel,
      catalog
    })

  let current = resolve(seen)
  const changes = Changes.make(changesKept, () => [current])

  const look = (found: Consent.Input["record"]): Consent.Effective => {
    const record = unwritable ? "unreadable" : found
    const isSame = sameRecord(record, seen)
    seen = record
    if (!isSame) {
      current = resolve(record)
      changes.unsafeTell(current)
    }
    return current
  }

  const refresh = Effect.match(store.read, {
    onFailure: ({ message }) => {
      problem = message
      return look("unreadable")
    },
    onSuccess: (record) => {
      if (!unwritable) problem = null
      return look(record)
    }
  })

  const fresh: Effect.Effect<ConsentChange.Fresh> = Effect.map(Clock.currentTimeMillis, (now) => ({
    now,
    newEpochId: ids.uuid4(),
    newInstallationId: ids.uuid4(),
    newHashKey: ids.uuid4() + ids.uuid4()
  }))

  const modify = (f: (record: Consent.ConsentRecord | null) => Consent.ConsentRecord) =>
    Effect.matchEffect(store.modify(f), {
      onFailure: (error) => {
        unwritable = true
        problem = error.message
        look("unreadable")
        return Effect.fail(error)
      },
      onSuccess: (record) => {
        unwritable = false
        problem = null
        return Effect.succeed(look(record))
      }
    })

  /** Only who was consented to be sent to is told whom to forget. */
  const requests = (record: Consent.ConsentRecord, subjects: Erasure.Subjects, now: number) => {
    const origin = Consent.originOf(subjects.endpoint)
    return record.epochs.some((epoch) => epoch.remote && epoch.origin === origin)
      ? Erasure.requests(subjects, { now, newRequestId: ids.uuid4 })
      : []
  }

  const terms = (options: EnableOptions): ConsentChange.Terms => ({
    policyVersion: config.policyVersion,
    level: options.level,
    remote: options.remote,
    origin: Consent.originOf(options.endpoint ?? config.endpoint),
    catalog,
    noticeShown: options.noticeShown
  })

  const overridden = overrides.doNotTrack || overrides.disabledByEnv || overrides.ci

  /** A grant is for what is known. Opting out needs to know nothing. */
  const known = overrides.refused === undefined
    ? Effect.void
    : Effect.fail(new ConsentUnreadable({ message: overrides.refused }))

  yield* refresh

  return ConsentGate.of({
    unsafeCurrent: () => current,
    unsafeHashKey: () => current.enabled && seen !== null && seen !== "unreadable" ? seen.hashKey : null,
    unsafeProblem: () => problem,
    refresh,
    changes: Changes.stream(changes),
    follow: (f) => Changes.follow(changes, f),
    enable: Effect.fnUntraced(function*(options) {
      yield* known
      const values = yield* fresh
      return yield* modify((record) => ConsentChange.grant(record, terms(options), values))
    }),
    disable: Effect.fnUntraced(function*({ erase, remoteOnly }) {
      const values = yield* fresh
      return yield* modify((record) => {
        const withdrawn = remoteOnly
          ? ConsentChange.withdrawRemote(record, values)
          : ConsentChange.withdraw(record, values.now)
        return erase === undefined
          ? withdrawn
          : ConsentChange.erase(withdrawn, requests(withdrawn, erase, values.now), values)
      })
    }),
    erase: Effect.fnUntraced(function*(subjects) {
      const values = yield* fresh
      return yield* modify((found) => {
        const record = found ?? ConsentChange.withdraw(null, values.now)
        return ConsentChange.erase(record, requests(record, subjects, values.now), values)
      })
    }),
    granted: Effect.fnUntraced(function*(options) {
      if (overridden) return yield* refresh
      yield* known
      const values = yield* fresh
      const change = (record: Consent.ConsentRecord | null) =>
        ConsentChange.grantByApplication(record, terms(options), values)
      const record = yield* store.read
      return yield* (record !== null && change(record) === record ? refresh : modify(change))
    })
  })
})

/**
 * Looks at the stored consent once when it is built. A record that cannot be read or written means off; `enable` replaces
 * one that cannot be understood.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ConsentGate, never, ConsentStore | Config | Ids> = Layer.effect(ConsentGate, make)
