/**
 * Consent as data. Every grant opens an epoch with a random id, every withdrawal ends those before it; every event carries
 * the id of the epoch it was recorded under, and may be sent only while that epoch stands for sending.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as CatalogScope from "./CatalogScope.js"
import { Erasure } from "./Erasure.js"
import * as Level from "./Level.js"
import { type ConsentedEvent, type RedactedEvent, unsafeConsented } from "./TelemetryEvent.js"

/**
 * @since 0.1.0
 * @category schemas
 */
export const Epoch = Schema.Struct({
  id: Schema.UUID,
  policyVersion: Schema.Int,
  level: Level.Level,
  remote: Schema.Boolean,
  /** The origin of the endpoint that was consented to; null without remote consent or without an endpoint. */
  origin: Schema.NullOr(Schema.String),
  /** Milliseconds since the epoch. */
  grantedAt: Schema.Int,
  /** When sending was withdrawn, for good; null while it stands. */
  remoteEndedAt: Schema.NullOr(Schema.Int),
  /** What the application collects of its own; see `CatalogScope`. Absent where nobody could say. */
  catalog: Schema.optional(Schema.Array(Schema.String))
})

/**
 * @since 0.1.0
 * @category models
 */
export type Epoch = typeof Epoch.Type

/**
 * The consent record of one person for one application: the whole content of the consent file.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ConsentRecord = Schema.Struct({
  version: Schema.Literal(1),
  state: Schema.Literal("granted", "withdrawn"),
  /** Newest last. Old epochs stay: events recorded under them may still be waiting. */
  epochs: Schema.Array(Epoch),
  optedOutAt: Schema.NullOr(Schema.Int),
  /** When the person opted out of sending alone, while recording goes on; null otherwise. */
  remoteOptedOutAt: Schema.optionalWith(Schema.NullOr(Schema.Int), { default: () => null }),
  /** Random, resettable; there only while a level above basic is granted. */
  installationId: Schema.NullOr(Schema.UUID),
  /** The secret behind hashed fields: made with the first grant, never sent, never shown. */
  hashKey: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
  noticeShownAt: Schema.NullOr(Schema.Int),
  /** Requests to the collector to erase what it has, until it confirms them. */
  erasures: Schema.optionalWith(Schema.Array(Erasure), { default: () => [] })
})

/**
 * @since 0.1.0
 * @category models
 */
export type ConsentRecord = typeof ConsentRecord.Type

/**
 * Why telemetry is on or off, as `status` names it.
 *
 * @since 0.1.0
 * @category models
 */
export type Reason =
  | "consented"
  | "not-asked"
  | "opted-out"
  | "do-not-track"
  | "disabled-by-env"
  | "ci"
  | "unreadable"
  | "policy-changed"
  | "project"
  | "notice-failed"
  /** Only in a page: its code could not be loaded. */
  | "not-loaded"

/**
 * What holds right now, after every override.
 *
 * @since 0.1.0
 * @category models
 */
export interface Effective {
  readonly enabled: boolean
  readonly reason: Reason
  /** The level in force: that of the consent, lowered by environment or project. */
  readonly level: Level.Level
  /** May what is recorded now be sent? */
  readonly remote: boolean
  /** The epoch in force; null exactly when off. */
  readonly epoch: Epoch | null
  readonly optedOutAt: number | null
  readonly installationId: string | null
  /** Every epoch that still stands for sending, by id, with the level it was granted at. Empty when off. */
  readonly sendable: ReadonlyMap<string, Epoch>
}

/**
 * What may lower a consent, whatever a person has chosen. `Overrides` in the consent room is one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Restrictions {
  readonly doNotTrack: boolean
  readonly disabledByEnv: boolean
  readonly ci: boolean
  readonly projectDisabled: boolean
  readonly maxLevel: Level.Level | null
  readonly noticeFailed: boolean
  /** Why environment or settings were refused: what a person wants is not known then. Absent where they were not. */
  readonly refused?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Input {
  /** Null: nobody was asked. */
  readonly record: ConsentRecord | null | "unreadable"
  readonly overrides: Restrictions
  /** The version the application asks consent for. */
  readonly policyVersion: number
  readonly configuredMaxLevel: Level.Level | null
  /** What the application wants to collect at a level. */
  readonly catalog?: ((level: Level.Level) => CatalogScope.Scope | null) | undefined
}

/**
 * The grant in force: the newest epoch, unless everything was withdrawn.
 *
 * @since 0.1.0
 * @category getters
 */
export const standing = (record: ConsentRecord | null): Epoch | null =>
  record === null || record.state === "withdrawn" ? null : record.epochs.at(-1) ?? null

const noEpochs: ReadonlyMap<string, Epoch> = new Map()

const off = (reason: Reason, record: Input["record"]): Effective => ({
  enabled: false,
  reason,
  level: "basic",
  remote: false,
  epoch: null,
  optedOutAt: record === null || record === "unreadable" ? null : record.optedOutAt,
  installationId: null,
  sendable: noEpochs
})

/**
 * What holds, and which source decided, strongest first: `DO_NOT_TRACK`, the application's own variable, CI, a record or
 * settings that cannot be read, the project, a notice that could not be shown, and only then what the person has chosen.
 *
 * @since 0.1.0
 * @category resolution
 */
export const resolve = ({ catalog, configuredMaxLevel, overrides, policyVersion, record }: Input): Effective => {
  if (overrides.doNotTrack) return off("do-not-track", record)
  if (overrides.disabledByEnv) return off("disabled-by-env", record)
  if (overrides.ci) return off("ci", record)
  if (record === "unreadable") return off("unreadable", record)
  if (overrides.refused !== undefined) return off(record?.state === "withdrawn" ? "opted-out" : "unreadable", record)
  if (overrides.projectDisabled) return off("project", record)
  if (overrides.noticeFailed) return off("notice-failed", record)
  if (record === null) return off("not-asked", record)
  if (record.state === "withdrawn") return off("opted-out", record)
  const epoch = standing(record)
  if (epoch === null) return off("not-asked", record)
  if (epoch.policyVersion < policyVersion) return off("policy-changed", record)
  if (catalog !== undefined && CatalogScope.isWider(catalog(epoch.level), epoch.catalog)) {
    return off("policy-changed", record)
  }
  let level = epoch.level
  for (const limit of [overrides.maxLevel, configuredMaxLevel]) if (limit !== null) level = Level.min(level, limit)
  return {
    enabled: true,
    reason: "consented",
    level,
    remote: epoch.remote,
    epoch,
    optedOutAt: record.optedOutAt,
    installationId: level === "basic" ? null : record.installationId,
    sendable: epoch.remote
      ? new Map(record.epochs.filter((e) => e.remote && e.remoteEndedAt === null).map((e) => [e.id, e]))
      : noEpochs
  }
}

/**
 * May what was recorded still be committed? Everything recorded under an epoch that was withdrawn in the meantime may not.
 *
 * @since 0.1.0
 * @category predicates
 */
export const mayCommit = (event: RedactedEvent, effective: Effective): boolean =>
  effective.epoch !== null &&
  (event.context.epoch === effective.epoch.id || !event.context.remote || effective.sendable.has(event.context.epoch))

/**
 * The one way to an event that may be sent: its epoch stands for sending, and its level is covered both by that epoch and by
 * what is in force now. An event above the level in force is lowered first, or does not leave.
 *
 * @since 0.1.0
 * @category admission
 */
export const admit = (event: RedactedEvent, effective: Effective): ConsentedEvent | null => {
  const epoch = effective.sendable.get(event.context.epoch)
  return epoch !== undefined && Level.includes(epoch.level, event.context.level) &&
      Level.includes(effective.level, event.context.level)
    ? unsafeConsented(event)
    : null
}

/**
 * The origin of an endpoint, which is what consent to send is bound to; null for what is not a URL with one.
 *
 * @since 0.1.0
 * @category conversions
 */
export const originOf = (endpoint: string | null): string | null => {
  if (endpoint === null || !URL.canParse(endpoint)) return null
  const { origin } = new URL(endpoint)
  return origin === "null" ? null : origin
}

/**
 * Does the standing consent cover sending to this endpoint? Another origin has to be consented to first.
 *
 * @since 0.1.0
 * @category predicates
 */
export const coversEndpoint = (effective: Effective, endpoint: string): boolean => {
  const origin = originOf(endpoint)
  return effective.epoch !== null && effective.remote && origin !== null && effective.epoch.origin === origin
}
