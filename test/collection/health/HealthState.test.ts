import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as HealthState from "../../../src/collection/health/HealthState.js"

const results: Readonly<Record<string, HealthState.Result>> = {
  u: { _tag: "Up" },
  i: { _tag: "Impaired", error: "slow" },
  d: { _tag: "Down", error: "away" },
  "?": { _tag: "Unknown" }
}
const letters: Readonly<Record<HealthState.Health, string>> = {
  HEALTHY: "H",
  DEGRADED: "D",
  UNHEALTHY: "U",
  UNKNOWN: "?"
}

const moment = (seconds: number): HealthState.Moment => ({ at: 1_000_000 + seconds * 1000, monotonic: seconds * 1000 })

const run = (checks: string, over: Partial<HealthState.Thresholds> = {}): ReadonlyArray<HealthState.HealthState> => {
  const states: Array<HealthState.HealthState> = []
  let state = HealthState.initial
  ;[...checks].forEach((letter, i) => {
    state = HealthState.next(state, results[letter]!, moment(60 * i), { ...HealthState.defaults, ...over })
    states.push(state)
  })
  return states
}

const seen = (checks: string, over: Partial<HealthState.Thresholds> = {}): string =>
  run(checks, over).map((state) => letters[state.health]).join("")

const rows: ReadonlyArray<
  readonly [title: string, checks: string, health: string, over?: Partial<HealthState.Thresholds>]
> = [
  ["the first success is enough", "uuu", "HHH"],
  ["the first failure degrades", "d", "D"],
  ["one failure degrades, three in a row are unhealthy", "uddd", "HDDU"],
  ["two successes in a row recover from a failure", "uduu", "HDDH"],
  ["and from being unhealthy, by way of degraded", "ddduu", "DDUDH"],
  ["a relapse on the way back", "dddudu", "DDUDDD"],
  ["a relapse while unhealthy stays so", "dddd", "DDUU"],
  ["what says of itself that it is impaired is degraded, and no failure", "uiiii", "HDDDD"],
  ["what flaps is degraded once too many of the last checks failed", "ududdud", "HHHHDDD", {
    degradedAfter: 3,
    window: 4,
    healthyAfter: 2
  }],
  ["nothing to look at is unknown, and forgets the row of failures", "udd?du", "HDD?DD"],
  ["thresholds of one's own", "udddud", "HHDUHH", { degradedAfter: 2, healthyAfter: 1, minSuccessRate: 0 }]
]

describe("HealthState", () => {
  it.each(rows.map((row) => [...row] as const))("%s (%s)", (_title, checks, health, over) => {
    expect(seen(checks, over)).toBe(health)
  })

  it("tells since when, and counts", () => {
    const last = run("uddd").at(-1)!
    expect(last).toMatchObject({
      checks: 4,
      successes: 1,
      consecutiveFailures: 3,
      consecutiveSuccesses: 0,
      since: moment(180),
      lastCheck: moment(180),
      lastError: "away"
    })
    expect(run("ddduu").at(-1)!.lastError).toBeNull()
  })

  it("uptime is the share of the watched time in which it worked at least in part; unknown time is not watched", () => {
    // 60 s healthy, 60 degraded, 60 degraded, 60 unhealthy, then unknown, then healthy at the end.
    const last = run("uddd?u").at(-1)!
    expect([last.watchedMillis, last.upMillis]).toEqual([240_000, 180_000])
  })

  it("a clock that stands still or a first check adds no time", () => {
    const first = HealthState.next(HealthState.initial, results.u!, moment(0), HealthState.defaults)
    const second = HealthState.next(first, results.u!, moment(0), HealthState.defaults)
    expect(second.watchedMillis).toBe(0)
  })

  const checks = fc.array(fc.constantFrom("u", "i", "d", "?"), { minLength: 1, maxLength: 40 }).map((all) =>
    all.join("")
  )

  it.prop("figures never disagree", [checks], ([checks]) => {
    for (const state of run(checks)) {
      expect(state.successes).toBeLessThanOrEqual(state.checks)
      expect(state.upMillis).toBeLessThanOrEqual(state.watchedMillis)
      expect(Math.min(state.consecutiveFailures, state.consecutiveSuccesses)).toBe(0)
      expect(state.recent.length).toBeLessThanOrEqual(HealthState.defaults.window)
      if (state.health === "HEALTHY") expect(state.consecutiveFailures).toBe(0)
      if (state.health === "UNHEALTHY") expect(state.lastError).toBe("away")
    }
  })

  it.prop(
    "whatever came before, enough successes in a row are healthy and enough failures unhealthy",
    [checks],
    ([c]) => {
      expect(seen(c + "u".repeat(20)).at(-1)).toBe("H")
      expect(seen(c + "ddd").at(-1)).toBe("U")
    }
  )

  it.each([
    [[], "UNKNOWN"],
    [["service UNKNOWN"], "UNKNOWN"],
    [["service HEALTHY", "service UNKNOWN"], "HEALTHY"],
    [["service HEALTHY", "service DEGRADED"], "DEGRADED"],
    [["service HEALTHY", "service UNHEALTHY"], "UNHEALTHY"],
    [["service HEALTHY", "dependency UNHEALTHY"], "DEGRADED"],
    [["dependency UNHEALTHY"], "DEGRADED"]
  ])("all together, %j is %s", (parts, expected) => {
    const decode = (part: string) => {
      const [kind, health] = part.split(" ") as ["service", HealthState.Health]
      return { kind, health }
    }
    expect(HealthState.overall(parts.map(decode))).toBe(expected)
  })
})
