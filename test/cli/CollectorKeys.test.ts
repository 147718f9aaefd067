import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { tempDir } from "../collector/support.js"
import { make } from "./world.js"

describe("collector keys rotate", () => {
  it.scopedLive("shows the new key once, and says until when the old one works", () =>
    Effect.gen(function*() {
      const world = yield* make
      const database = `sqlite:${yield* tempDir}/c.db`
      const keys = (...argv: ReadonlyArray<string>) => world.run("collector", "keys", ...argv, "--database", database)
      const list = Effect.map(keys("list", "--json"), ({ out }) => {
        const { keys }: { keys: ReadonlyArray<Record<string, unknown>> } = JSON.parse(out)
        return keys
      })
      const origins = ["--origin", "https://shop.example", "--origin=https://www.shop.example"]
      yield* keys("create", "--role", "ingest", "--app", "ax", "--name", "n", ...origins)
      const [first] = yield* list
      const rotated = yield* keys("rotate", String(first?.["id"]), "--grace", "7d")
      expect(rotated.code).toBe(0)
      expect(rotated.out).toMatch(/^eti_[\w-]{32}$/)
      expect(rotated.err).toContain(`in place of ${String(first?.["id"])}`)
      expect(rotated.err).toMatch(/works until \d{4}-\d\d-\d\d/)
      expect((yield* keys("list")).out).toMatch(/will be \d{4}-/)
      const after = yield* list
      const old = after.find(({ id }) => id === first?.["id"])
      const next = after.find(({ id }) => id !== first?.["id"])
      expect(Number(old?.["revokedAt"]) - Number(next?.["createdAt"])).toBe(7 * 86_400_000)
      const { id: _, prefix: __, createdAt: ___, ...same } = next ?? {}
      expect(same).toEqual({
        role: "ingest",
        name: "n",
        app: "ax",
        origins: ["https://shop.example", "https://www.shop.example"],
        lastUsedAt: null,
        revokedAt: null
      })
      expect(JSON.stringify(after)).not.toContain(rotated.out)

      const second = yield* keys("rotate", String(next?.["id"]), "--json")
      expect(JSON.parse(second.out)).toMatchObject({ replaces: next?.["id"], role: "ingest" })
      const gone = yield* keys("rotate", String(next?.["id"]))
      expect([gone.code, gone.out]).toEqual([1, ""])
      expect(gone.err).toContain("is revoked")
    }))

  it.effect("says what a grace must be", () =>
    Effect.gen(function*() {
      const world = yield* make
      for (const grace of ["soon", "5", "1w", "-1d", "1.5h", ""]) {
        const ran = yield* world.run("collector", "keys", "rotate", "x", `--grace=${grace}`)
        expect([grace, ran.code, ran.err]).toEqual([
          grace,
          2,
          "--grace must be a number and s, m, h or d, such as 30m or 7d."
        ])
      }
      const long = yield* world.run("collector", "keys", "rotate", "x", "--grace", "91d")
      expect([long.code, long.err]).toEqual([2, "--grace must be at most 90d."])
    }))
})
