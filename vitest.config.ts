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
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
    testTimeout: 30_000,
    fakeTimers: { toFake: [] }
  }
})
