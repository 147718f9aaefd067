import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Before from "../../../src/collector/dashboard/Before.js"
import * as State from "../../../src/collector/dashboard/State.js"
import { Insights } from "../../../src/collector/Insights.js"
import * as Period from "../../../src/collector/Period.js"
import { event, start, tempDir } from "../support.js"

const hour = Period.hourMillis
const day = Period.dayMillis

/** Yesterday, half past twelve. */
const now = Period.startOf("day", Date.now()) - 11.5 * hour

const asked = (query: string) => State.make(new URLSearchParams(query), now, null)

describe("The period before", () => {
  it("ends where the one that is shown stands, to the hour, or of a long one to the day", () => {
    const noon = Period.endOf("hour", now)
    const midnight = Period.endOf("day", now)
    expect(asked("range=24h").previous?.soFar).toMatchObject({ to: noon - day, interval: "hour" })
    expect(asked("range=7d").previous?.soFar).toMatchObject({ to: noon - 7 * day, interval: "hour" })
    expect(asked("range=90d").previous?.soFar).toMatchObject({ to: midnight - 90 * day, interval: "day" })
    expect(asked("range=7d").previous?.whole).toMatchObject({ to: midnight - 7 * day, interval: "day" })
    expect(asked("range=7d&compare=no").previous).toBeUndefined()
  })

  it("is whole for days that are over", () => {
    const { previous, scope } = asked("from=2026-01-05&to=2026-01-11")
    expect(previous?.soFar.to).toBe(scope.from)
    expect(previous?.whole.to).toBe(scope.from)
  })

  it.scopedLive("counts what came until then, and draws all of it", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const client = yield* start(`sqlite:${dir}/collector.db`)
      const end = Period.endOf("hour", now)
      const sent = [end - 1, end - 7 * day - 1, end - 7 * day, end - 9 * day + 1, end - 14 * day - 1, end - 15 * day]
      yield* client.post(sent.map((timestamp) => event({ timestamp })))
      yield* client.use(Effect.gen(function*() {
        const insights = yield* Insights
        const { previous } = asked("range=7d")
        if (previous === undefined) return expect.fail("is compared")
        const whole = yield* insights.volume(previous.whole)
        const count = (rows: typeof whole) => rows.reduce((sum, row) => sum + row.count, 0)
        expect(count(whole)).toBe(3)
        expect(count(yield* Before.volumeSoFar(insights, previous, whole))).toBe(2)
        expect(count(yield* Before.volumeSoFar(insights, { ...previous, soFar: previous.whole }, whole))).toBe(3)
      }))
    }))
})
