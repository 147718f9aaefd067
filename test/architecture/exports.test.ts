import { describe, expect, it } from "@effect/vitest"
import { createRequire } from "node:module"

const entries = ["", "/node", "/browser", "/browser/panel", "/beacon", "/cli", "/collector", "/promise", "/testing"]

const { resolve } = createRequire(import.meta.url)

describe("the package, once built", () => {
  it.each(entries)("has the entry point effect-telemetry%s", (entry) => {
    expect(resolve(`effect-telemetry${entry}`)).toMatch(/\.js$/)
  })
})
