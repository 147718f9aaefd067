import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { receiver } from "../collector/receiver.js"
import { tempDir } from "../collector/support.js"
import { make } from "./world.js"

const answering = (status: number) =>
  Effect.map(
    receiver((response) => void response.writeHead(status).end()),
    ({ got, url }) => ({ got, origin: url })
  )

describe("collector alerts", () => {
  it.scopedLive("makes rules, lists them by origin only, calls them and takes them away", () =>
    Effect.gen(function*() {
      const world = yield* make
      const database = `sqlite:${yield* tempDir}/c.db`
      const alerts = (...argv: ReadonlyArray<string>) =>
        world.run("collector", "alerts", ...argv, "--database", database)
      const { got, origin } = yield* answering(200)

      const none = yield* alerts("list")
      expect([none.code, none.out]).toEqual([0, ""])
      expect(none.err).toContain("collector alerts add --kind new-error")

      const made = yield* alerts(
        "add",
        "--kind",
        "events",
        "--above",
        "100",
        "--app",
        "ax",
        "--url",
        `${origin}/SECRET`
      )
      expect([made.code, /^[0-9a-f]{12}$/.test(made.out)]).toEqual([0, true])
      expect(made.err).toContain(`events of ax above 100 in an hour; told to ${origin}.`)

      world.input([`${origin}/SECRET?x=1`])
      const signed = yield* alerts("add", "--kind", "new-error", "--name", "n", "--url-stdin", "--sign", "--json")
      const { id, secret, ...rest } = JSON.parse(signed.out)
      expect(rest).toEqual({ condition: "new errors in an hour", origin })
      expect(secret).toMatch(/^ets_/)

      const listed = yield* alerts("list", "--json")
      expect(JSON.parse(listed.out).rules.map((rule: Record<string, unknown>) => [rule["origin"], rule["signed"]]))
        .toEqual([[origin, false], [origin, true]])
      for (const { err, out } of [made, signed, listed, yield* alerts("list")]) {
        expect(out + err).not.toContain("SECRET")
      }
      expect(listed.out).not.toContain(secret)

      const tested = yield* alerts("test", id)
      expect([tested.code, tested.out]).toEqual([0, `${origin}: delivered, answered 200`])
      expect(JSON.parse(got[0]?.body ?? "")).toMatchObject({ state: "test", rule: { id, kind: "new-error" } })

      expect((yield* alerts("remove", id)).out).toBe(`Rule ${id} is removed`)
      const again = yield* alerts("remove", id)
      expect([again.code, again.err]).toEqual([1, `There is no rule ${id}; "alerts list" shows them all`])
      expect((yield* alerts("test", id)).code).toBe(1)
    }))

  it.scopedLive("says of a rule that cannot be which option is wrong, and of a webhook what it answered", () =>
    Effect.gen(function*() {
      const world = yield* make
      const database = `sqlite:${yield* tempDir}/c.db`
      const alerts = (...argv: ReadonlyArray<string>) =>
        world.run("collector", "alerts", ...argv, "--database", database)
      const refused = yield* alerts("add", "--kind", "events", "--above", "1", "--url", "http://hooks.example/SECRET")
      expect([refused.code, refused.out]).toEqual([2, ""])
      expect(refused.err).toMatch(/^--url: .*use https/)
      expect(refused.err).not.toContain("SECRET")
      expect((yield* alerts("add", "--kind", "errors", "--url", "https://x.example")).err).toMatch(/^--above: give/)
      const value = yield* alerts("add", "--kind", "events", "--value", "export", "--url", "https://x.example")
      expect([value.code, value.err]).toEqual([
        2,
        "--value: is a value of an event type's dimension: give the type as well"
      ])
      const release = ["--kind", "errors", "--release", "2.1.0", "--above", "5", "--url", "https://x.example"]
      expect((yield* alerts("add", ...release)).err).toContain("errors of release 2.1.0 above 5 in an hour")
      const both = yield* alerts("add", "--kind", "new-error", "--url", "https://x.example", "--url-stdin")
      expect([both.code, both.err]).toEqual([2, "Give the address by --url or by --url-stdin, and not by both."])
      const { origin } = yield* answering(500)
      const { out } = yield* alerts("add", "--kind", "anomaly", "--url", origin)
      const tested = yield* alerts("test", out)
      expect([tested.code, tested.out, tested.err]).toEqual([1, "", `${origin}: answered 500`])
    }))
})
