/**
 * What a rule finds when it looks: from the rollups, by the questions that the dashboard asks as well.
 *
 * What is above is looked for in the period that runs and in the one before it, so that an alert comes at once and does not
 * go when the clock strikes. What is below can only be told of a period that is over.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Notes from "../analysis/Notes.js"
import type * as Insights from "../Insights.js"
import * as Limits from "../Limits.js"
import * as Period from "../Period.js"
import type { Condition } from "./Rule.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Reading {
  /** Null: there was too little to tell. */
  readonly value: number | null
  readonly firing: boolean
  /** The start of the period that the value is of. */
  readonly from: number
  /** Exclusive. */
  readonly to: number
  /** What was found, by name; for kinds that find something. */
  readonly found: ReadonlyArray<string>
  /** Handed to the next look. */
  readonly memory: string | null
  /** Found something more since the last look: to be told though the alert is on already. */
  readonly more: boolean
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Watch {
  readonly condition: Condition
  /** What came before is not the rule's business. */
  readonly since: number
  readonly memory: string | null
}

interface Sample {
  readonly bucket: number
  readonly value: number | null
}

type Read<A> = Effect.Effect<A, SqlError>

const scopeOf = ({ app, release, window }: Condition, from: number, to: number): Insights.Scope => ({
  from,
  to,
  interval: window,
  app: app ?? undefined,
  version: release ?? undefined
})

interface Counts {
  count: number
  failed: number
  errors: number
}

/** Null: too few for a share. */
const figureOf = ({ kind, type }: Condition, counts: Counts): number | null => {
  if (kind === "error-share") {
    return counts.count < Limits.alertLeastEvents ? null : counts.failed / counts.count * 100
  }
  return kind === "events" ? counts.count : type === null ? counts.errors : counts.failed
}

const ofVolume = (
  insights: Insights.Service,
  condition: Condition,
  scope: Insights.Scope
): Read<ReadonlyArray<Sample>> =>
  Effect.map(insights.volume(scope), (rows) => {
    const periods = new Map<number, Counts>()
    for (const { bucket, count, errors, eventType } of rows) {
      if (condition.type !== null && condition.type !== eventType) continue
      const counts = periods.get(bucket) ?? { count: 0, failed: 0, errors: 0 }
      counts.count += count
      counts.failed += errors
      // A command that failed and the error it failed of are one error.
      if (eventType === "error_occurred") counts.errors += count
      periods.set(bucket, counts)
    }
    return Array.from(periods, ([bucket, counts]) => ({ bucket, value: figureOf(condition, counts) }))
  })

/** Of one value of the type's dimension. */
const ofDimension = (
  insights: Insights.Service,
  condition: Condition,
  scope: Insights.Scope,
  of: Insights.Step
): Read<ReadonlyArray<Sample>> =>
  Effect.map(insights.latency(scope, of), (rows) =>
    rows.map(({ bucket, count, errors }) => ({
      bucket,
      value: figureOf(condition, { count, failed: errors, errors })
    })))

const samples = (
  insights: Insights.Service,
  condition: Condition,
  from: number,
  to: number
): Read<ReadonlyArray<Sample>> => {
  const scope = scopeOf(condition, from, to)
  const of = { eventType: condition.type ?? "", dimension: condition.dimension ?? undefined }
  switch (condition.kind) {
    case "latency":
      return Effect.map(
        insights.latency(scope, of),
        (rows) =>
          rows.map(({ bucket, count, p95 }) => ({ bucket, value: count < Limits.alertLeastEvents ? null : p95 }))
      )
    case "rejected":
      return Effect.map(
        insights.ingest(scope),
        (rows) => rows.map(({ bucket, rejected }) => ({ bucket, value: rejected }))
      )
    default:
      return of.dimension === undefined
        ? ofVolume(insights, condition, scope)
        : ofDimension(insights, condition, scope, of)
  }
}

const plain = { found: [], memory: null, more: false }

const periodOf = ({ window }: Condition, bucket: number) => ({ from: bucket, to: Period.endOf(window, bucket) })

const above = (insights: Insights.Service, condition: Condition, now: number): Read<Reading> => {
  const running = Period.startOf(condition.window, now)
  const before = Period.startOf(condition.window, running - 1)
  const nothing = condition.kind === "latency" || condition.kind === "error-share" ? null : 0
  return Effect.map(samples(insights, condition, before, now + 1), (found) => {
    const highest = found.reduce(
      (most, one) => (one.value ?? -1) > (most.value ?? -1) ? one : most,
      { bucket: running, value: nothing }
    )
    const firing = highest.value !== null && highest.value > condition.threshold
    return { ...plain, value: highest.value, firing, ...periodOf(condition, highest.bucket) }
  })
}

/** The last period that has been over for long enough to be known. */
const lastOver = (condition: Condition, now: number): number =>
  Period.startOf(condition.window, Period.startOf(condition.window, now - Limits.alertSettleMillis) - 1)

const below = (insights: Insights.Service, condition: Condition, now: number): Read<Reading> => {
  const period = periodOf(condition, lastOver(condition, now))
  return Effect.map(samples(insights, condition, period.from, period.to), (found) => {
    const value = found.find(({ bucket }) => bucket === period.from)?.value ?? 0
    return { ...plain, value, firing: value < condition.threshold, ...period }
  })
}

const isText = (value: unknown): value is string => typeof value === "string"

const known = (memory: string | null): ReadonlySet<string> => {
  const list: unknown = memory === null ? [] : JSON.parse(memory)
  return new Set(Array.isArray(list) ? list.filter(isText) : [])
}

/** Remembers which were told, as long as they are in sight. */
const newErrors = (
  insights: Insights.Service,
  { condition, memory, since }: Watch,
  now: number
): Read<Reading> => {
  const running = Period.startOf(condition.window, now)
  const from = Period.startOf(condition.window, running - 1)
  return Effect.map(insights.errorGroups(scopeOf(condition, from, now + 1), Limits.alertErrorGroups), (groups) => {
    const fresh = groups.filter(({ firstSeen }) => firstSeen >= Math.max(from, since))
    const keys = fresh.map(({ app, fingerprint }) => `${fingerprint} ${app}`)
    const told = known(memory)
    const untold = fresh.filter((_, i) => !told.has(keys[i] ?? ""))
    return {
      value: fresh.length,
      firing: fresh.length > 0,
      from,
      to: Period.endOf(condition.window, now),
      found: untold.map(({ app, errorType, fingerprint, firstVersion }) =>
        `${errorType} of ${app} ${firstVersion}, group ${fingerprint}`
      ),
      memory: fresh.length === 0 ? null : JSON.stringify(keys),
      more: untold.length > 0
    }
  })
}

/** Looks once at each period that is over: it asks for weeks. Null: this one was looked at. */
const anomalies = (
  insights: Insights.Service,
  { condition, memory }: Watch,
  now: number
): Read<Reading | null> => {
  const period = periodOf(condition, lastOver(condition, now))
  const memoryOf = String(period.from)
  if (memory === memoryOf) return Effect.succeed(null)
  return Effect.map(Notes.make(insights, scopeOf(condition, period.from, period.to)), (notes) => {
    const found = notes.filter(({ kind, severity }) =>
      severity === "warning" && (kind === "anomaly" || kind === "release")
    )
    return {
      value: found.length,
      firing: found.length > 0,
      ...period,
      found: found.map(({ text }) => text),
      memory: memoryOf,
      more: false
    }
  })
}

/**
 * Looks; null: there is nothing to look at yet.
 *
 * @since 0.1.0
 * @category combinators
 */
export const take = (insights: Insights.Service, watch: Watch, now: number): Read<Reading | null> => {
  const { condition } = watch
  if (condition.kind === "new-error") return newErrors(insights, watch, now)
  if (condition.kind === "anomaly") return anomalies(insights, watch, now)
  return condition.direction === "above" ? above(insights, condition, now) : below(insights, condition, now)
}
