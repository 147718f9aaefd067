import { defineConfig } from "vitest/config"

const clean = Object.fromEntries(
  Object.keys(process.env).filter((name) => name === "CI" || name === "DO_NOT_TRACK" || name.startsWith("TELEMETRY_"))
    .map((name) => [name, ""])
)

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/hard/**", "node_modules/**"],
    env: clean,
    setupFiles: ["test/setup.ts"],
    pool: "forks",
    // The files of a worker share what they import: loading Effect anew for each took longer than the tests.
    poolOptions: { forks: { minForks: 1, maxForks: 2, isolate: false } },
    testTimeout: 30_000,
    fakeTimers: { toFake: [] }
  }
})
