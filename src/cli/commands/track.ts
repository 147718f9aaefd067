/**
 * `track`: records events from a shell.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Issue } from "../../collection/Encoder.js"
import { Telemetry } from "../../Telemetry.js"
import { Config } from "../../TelemetryConfig.js"
import { failed, inPart, misused } from "../Failure.js"
import { type Flags, withTelemetry } from "../Host.js"
import { note, print } from "../Output.js"
import { clean, plural } from "../render/text.js"
import { Shell } from "../Shell.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly type: string | undefined
  readonly data: string | undefined
  readonly count: number | undefined
  readonly stdin: boolean
}

/** Events between two commits: fewer than the buffer takes, so that it never overflows. */
const portion = 250

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const describe = (issue: Issue): string =>
  clean(issue.path === "" || issue.message.startsWith(issue.path) ? issue.message : `${issue.path}: ${issue.message}`)

const report = (flags: Flags, tracked: number, dropped: number) =>
  print(
    flags,
    { tracked, dropped },
    () => `${plural(tracked, "event")} recorded` + (dropped === 0 ? "" : `, ${dropped} dropped`)
  )

/** How many of `offered` events are recorded, by the store's own count, and how many were left out by level or sampling. */
const counting = <E, R>(offered: number, effect: Effect.Effect<void, E, R>) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const counts = Effect.map(telemetry.ledger, ({ capture }) => ({
      recorded: capture.recorded ?? 0,
      filtered: (capture["filtered:level"] ?? 0) + (capture["filtered:sampling"] ?? 0)
    }))
    const before = yield* counts
    yield* effect
    yield* telemetry.flush
    const after = yield* counts
    const tracked = Math.max(0, Math.min(after.recorded - before.recorded, offered))
    return { tracked, lost: Math.max(0, offered - tracked - (after.filtered - before.filtered)) }
  })

const one = (flags: Flags & Options, type: string) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const count = flags.count ?? 1
    const data = flags.data === undefined ? {} : parse(flags.data)
    if (data === undefined) return yield* misused("--data is not valid JSON.")
    if (!(yield* telemetry.isEnabled)) return { tracked: 0, dropped: count, lost: 0, on: false }
    const known = (yield* Config).events.map((event) => event.type)
    if (!known.includes(type)) {
      return yield* misused(`Unknown event type "${clean(type)}". Known types: ${known.join(", ")}.`)
    }
    const { lost, tracked } = yield* counting(
      count,
      Effect.gen(function*() {
        for (let i = 1; i <= count; i++) {
          const issue = telemetry.unsafeTrack(type, data)
          if (issue !== null) return yield* misused(`--data does not fit ${type}: ${describe(issue)}`)
          if (i % portion === 0) yield* telemetry.flush
        }
      })
    )
    return { tracked, dropped: count - tracked, lost, on: true }
  })

const line = (telemetry: Telemetry["Type"], text: string): string | null => {
  const value = parse(text)
  if (typeof value !== "object" || value === null) return "not a JSON object"
  if (!("eventType" in value) || typeof value.eventType !== "string") return "eventType: expected a string"
  const issue = telemetry.unsafeTrack(value.eventType, "eventData" in value ? value.eventData : {})
  return issue === null ? null : describe(issue)
}

const many = Effect.gen(function*() {
  const telemetry = yield* Telemetry
  const { lines } = yield* Shell
  const on = yield* telemetry.isEnabled
  let number = 0
  let given = 0
  let bad = 0
  const reading = Stream.runForEach(lines, (text) => {
    number++
    if (text.trim() === "") return Effect.void
    given++
    if (!on) return Effect.void
    const problem = line(telemetry, text)
    const flush = given % portion === 0 ? telemetry.flush : Effect.void
    if (problem === null) return flush
    bad++
    return Effect.zipRight(note(`line ${number}: ${problem}`), flush)
  })
  if (!on) {
    yield* reading
    return { tracked: 0, dropped: given, bad, given, on }
  }
  const { tracked } = yield* counting(Infinity, reading)
  return { tracked: Math.min(tracked, given - bad), dropped: given - Math.min(tracked, given - bad), bad, given, on }
})

const off = Effect.suspend(() => note("Telemetry is off: nothing was recorded."))

/**
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags & Options) =>
  Effect.gen(function*() {
    if (flags.stdin) {
      if (flags.type !== undefined || flags.data !== undefined || flags.count !== undefined) {
        return yield* misused("--stdin reads everything from standard input: leave out TYPE, --data and --count.")
      }
      const result = yield* withTelemetry(flags)(many)
      yield* report(flags, result.tracked, result.dropped)
      if (!result.on) return yield* off
      if (result.bad > 0 && result.bad === result.given) return yield* failed("No line could be recorded.")
      if (result.bad > 0) return yield* inPart(`${plural(result.bad, "line")} could not be recorded.`)
      if (result.tracked === 0 && result.given > 0) return yield* failed("Nothing was recorded; see status.")
      return
    }
    if (flags.type === undefined) return yield* misused("Which event? Give a TYPE, or --stdin.")
    if (flags.count !== undefined && flags.count < 1) return yield* misused("--count must be 1 or more.")
    const result = yield* withTelemetry(flags)(one(flags, flags.type))
    yield* report(flags, result.tracked, result.dropped)
    if (!result.on) return yield* off
    if (result.lost === 0) return
    return yield* result.tracked === 0
      ? failed("Nothing was recorded; see status.")
      : inPart(`${plural(result.lost, "event")} could not be recorded; see status.`)
  })
