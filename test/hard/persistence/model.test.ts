import { expect, it } from "vitest"
import { check } from "../../model/check.js"
import { sqliteTemplate } from "../../model/subjects.js"

it(
  "a thousand random sequences of actions on SQLite agree with the reference model, and the ledger with the rows",
  async () => {
    const sqlite = await sqliteTemplate()
    try {
      await expect(check("SQLite", 1_000, sqlite.subject)).resolves.toBeUndefined()
    } finally {
      sqlite.dispose()
    }
  },
  900_000
)
