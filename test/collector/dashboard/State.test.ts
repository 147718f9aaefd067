import { describe, expect, it } from "@effect/vitest"
import * as State from "../../../src/collector/dashboard/State.js"

const now = Date.UTC(2026, 10, 30, 21, 15)

const of = (query: string): State.State => State.make(new URLSearchParams(query), now, null)

const days = ({ scope: { from, to } }: State.State) =>
  [from, to - 1].map((time) => new Date(time).toISOString().slice(0, 10))

describe("The days that are shown", () => {
  it.each([
    ["", ["2026-11-01", "2026-11-30"]],
    ["range=7d", ["2026-11-24", "2026-11-30"]],
    ["range=constructor", ["2026-11-01", "2026-11-30"]],
    ["from=2026-10-01&to=2026-10-05", ["2026-10-01", "2026-10-05"]],
    // As the form sends them.
    ["from=2026-10-01&to=2026-10-05&range=30d", ["2026-10-01", "2026-10-05"]],
    ["from=&to=&range=7d", ["2026-11-24", "2026-11-30"]],
    ["from=2026-10-05&to=2026-10-01", ["2026-10-01", "2026-10-05"]],
    ["from=2026-11-20", ["2026-11-20", "2026-11-30"]],
    ["to=2026-10-30", ["2026-10-01", "2026-10-30"]],
    ["from=2026-02-31&to=2026-03-05", ["2026-02-04", "2026-03-05"]],
    ["from=2026-11-30&to=2027-06-01", ["2026-11-30", "2026-11-30"]],
    ["from=2027-10-01&to=2027-11-01", ["2027-10-01", "2027-10-01"]],
    ["from=2027-10-01", ["2027-10-01", "2027-10-01"]],
    ["from=nonsense&to=13", ["2026-11-01", "2026-11-30"]]
  ])("%s: %j", (query, expected) => {
    expect(days(of(query))).toEqual(expected)
  })

  it.each([
    ["range=7d&app=ax", "before", "/errors?app=ax&from=2026-11-17&to=2026-11-23"],
    ["range=24h", "before", "/errors?from=2026-11-29&to=2026-11-29"],
    ["from=2026-11-01&to=2026-11-10", "after", "/errors?from=2026-11-11&to=2026-11-20"],
    ["from=1970-01-02&to=1970-01-10", "before", "/errors?from=1970-01-01&to=1970-01-09"]
  ])("%s, as many %s: %s", (query, where, expected) => {
    const state = of(query)
    const found = State.moved(state, "/errors", where === "before" ? "before" : "after")
    const sorted = (address: string) => [...new URLSearchParams(address.split("?")[1])].sort()
    expect(sorted(found)).toEqual(sorted(expected))
    expect(found.split("?")[0]).toBe("/errors")
  })
})
