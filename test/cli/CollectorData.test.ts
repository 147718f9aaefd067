import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { event, start, tempDir, uuid4 } from "../collector/support.js"
import { make } from "./world.js"

describe("collector export and collector erase", () => {
  it.scopedLive("tell whoever asks what is kept of them, and end it, while the collector runs", () =>
    Effect.gen(function*() {
      const world = yield* make
      const directory = yield* tempDir
      const database = `sqlite:${directory}/c.db`
      const collector = (...argv: ReadonlyArray<string>) => world.run("collector", ...argv, "--database", database)
      const client = yield* start(database)
      const [anna, bert, session] = [uuid4(), uuid4(), uuid4()]
      const sent = [
        event({ installationId: anna, sessionId: session }),
        event({ installationId: anna }),
        event({ installationId: bert }),
        event({ app: { name: "other", version: "1" }, installationId: bert })
      ]
      yield* client.post(sent)
      const ids = (text: string) =>
        text.split("\n").filter((line) => line !== "").map((line) => String(JSON.parse(line).id)).sort()
      const idsOf = (...places: ReadonlyArray<number>) => places.map((place) => String(sent[place]!["id"])).sort()

      const all = yield* collector("export", "--format", "ndjson")
      expect([all.code, ids(all.out)]).toEqual([0, idsOf(0, 1, 2, 3)])
      const hers = yield* collector("export", "--installation", anna)
      expect((JSON.parse(hers.out) as ReadonlyArray<unknown>).length).toBe(2)
      const file = `${directory}/one.csv`
      const written = yield* collector("export", "--session", session, "--format", "csv", "--output", file)
      expect([written.code, written.out, written.err]).toEqual([0, "", `1 event written to ${file}`])
      expect(Fs.readFileSync(file, "utf8").split("\r\n").length).toBe(3)
      expect(Fs.statSync(file).mode & 0o777).toBe(0o600)

      const asked = yield* collector("erase", "--installation", anna)
      expect([asked.code, asked.err]).toEqual([2, expect.stringContaining("erases events for good")])
      const erased = yield* collector("erase", "--installation", anna, "--yes")
      expect([erased.code, erased.out]).toEqual([
        0,
        expect.stringMatching(/^Erased: 2 events \(receipt [0-9a-f-]{36}\)$/)
      ])
      const ofOther = yield* collector("erase", "--installation", bert, "--app", "other", "--yes", "--json")
      expect(JSON.parse(ofOther.out)).toMatchObject({ events: 1 })
      expect(ids((yield* collector("export", "--format", "ndjson")).out)).toEqual(idsOf(2))
    }))

  it.effect("say what is missing or wrong", () =>
    Effect.gen(function*() {
      const world = yield* make
      const says = Effect.fnUntraced(function*(...argv: ReadonlyArray<string>) {
        const { code, err } = yield* world.run("collector", ...argv)
        return [code, err]
      })
      expect(yield* says("erase", "--yes")).toEqual([
        2,
        "--installation ID or --session ID says whose events are erased."
      ])
      expect(yield* says("erase", "--session", "x", "--yes")).toEqual([
        2,
        "--session must be the id of a session, a UUID."
      ])
      expect(yield* says("export", "--installation", "x")).toEqual([
        2,
        "--installation must be the id of an installation, a UUID."
      ])
      expect(yield* says("export", "--force")).toEqual([2, "--force needs --output FILE."])
    }))
})
