/**
 * Points in time as a person writes them.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { EventFilter } from "../persistence/EventStore.js"
import { type Failure, misused } from "./Failure.js"

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

const parse = (text: string, now: number): number | null => {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text)
  if (ago !== null) return now - Number(ago[1]) * units[ago[2]!]!
  if (/^\d{10,15}$/.test(text)) return Number(text)
  if (!/^\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/.test(text)) return null
  const [, month, day = "01"] = text.split(/[-T ]/)
  // Of a day that its month has not, another month's would be made.
  if (new Date(`${text.slice(0, 4)}-${month}-${day}`).getUTCDate() !== Number(day)) return null
  const hasZone = text.length <= 10 || /(Z|[+-]\d{2}:?\d{2})$/.test(text)
  const millis = new Date(text.replace(" ", "T") + (hasZone ? "" : "Z")).getTime()
  return Number.isNaN(millis) ? null : millis
}

const point = (name: string, text: string | undefined, now: number): Effect.Effect<number | undefined, Failure> => {
  if (text === undefined) return Effect.succeed(undefined)
  const millis = parse(text, now)
  return millis === null
    ? Effect.fail(
      misused(`--${name}: expected a date such as 2026-11-20, a time such as 2026-11-20T08:00Z, or 7d for a week ago.`)
    )
    : Effect.succeed(millis)
}

/**
 * `from` is included, `to` is not. Dates and times without a zone are UTC.
 *
 * @since 0.1.0
 * @category parsing
 */
export const filter = (flags: {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly type: string | undefined
}): Effect.Effect<EventFilter, Failure> =>
  Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const from = yield* point("from", flags.from, now)
    const to = yield* point("to", flags.to, now)
    if (from !== undefined && to !== undefined && from >= to) {
      return yield* misused("--from must be before --to.")
    }
    return { from, to, type: flags.type }
  })
