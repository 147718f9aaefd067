import { describe, it } from "vitest"
import { check } from "./check.js"
import { memory, sqliteTemplate } from "./subjects.js"

describe("random sequences of actions agree with the reference model, and the ledger with the rows", () => {
  it("in memory", () => check("memory", 1_000, () => Promise.resolve(memory())), 900_000)

  // A thousand of them are among the hard tests.
  it("on SQLite", async () => {
    const sqlite = await sqliteTemplate()
    try {
      await check("SQLite", 200, sqlite.subject)
    } finally {
      sqlite.dispose()
    }
  }, 900_000)
})
