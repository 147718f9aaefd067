import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { erase, erasure, finished } from "../suites/collector/erasure.js"
import { event, sqlite, start, tempDir, uuid4 } from "./support.js"

erasure(sqlite)

describe("erasure", () => {
  it.scopedLive("leaves no byte of what was erased in the files", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const client = yield* start(`sqlite:${dir}/c.db`)
      const installationId = uuid4()
      yield* client.post([
        event({ installationId, eventType: "own", eventData: { marker: "marker-of-the-erased" } }),
        event({ eventType: "own", eventData: { marker: "marker-of-another" } })
      ])
      yield* erase(client, { installationId, requestId: uuid4() })
      yield* finished(client)
      const bytes = Buffer.concat(Fs.readdirSync(dir).map((name) => Fs.readFileSync(`${dir}/${name}`)))
      assert.strictEqual(bytes.indexOf("marker-of-the-erased"), -1)
      assert.strictEqual(bytes.indexOf(Buffer.from(installationId.replaceAll("-", ""), "hex")), -1)
      assert.notStrictEqual(bytes.indexOf("marker-of-another"), -1)
    }))
})
