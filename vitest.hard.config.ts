import { defineConfig } from "vitest/config"
import base from "./vitest.config.js"

export default defineConfig({
  test: {
    ...base.test,
    include: ["test/hard/**/*.test.ts"],
    exclude: ["node_modules/**"],
    testTimeout: 300_000,
    hookTimeout: 60_000
  }
})
