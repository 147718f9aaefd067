import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import { join } from "node:path"
import * as NodeFileAppender from "../../src/node/NodeFileAppender.js"
import * as TelemetryNode from "../../src/node/TelemetryNode.js"
import * as FileTransport from "../../src/submission/FileTransport.js"
import { Transport } from "../../src/submission/Transport.js"
import { Telemetry } from "../../src/Telemetry.js"
import * as ScriptedTransport from "../../src/testing/ScriptedTransport.js"
import { temporary } from "../node/support.js"

describe("several transports at once", () => {
  it.scopedLive("get every event each; one that is away holds up no other, and catches up by itself", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const file = join(directory, "events.ndjson")
      const scripted = yield* ScriptedTransport.make
      const layer = TelemetryNode.layer({
        app: { name: "ax", version: "2.0.0" },
        dataDir: join(directory, "data"),
        worker: false,
        automatic: false,
        transports: {
          default: FileTransport.layer(file).pipe(Layer.provide(NodeFileAppender.layer)),
          // One of an application's own is no more than this service.
          mine: Layer.succeed(Transport, scripted.transport)
        }
      })
      const inFile = () => fs.readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line).id)
      yield* Effect.gen(function*() {
        const telemetry = yield* Telemetry
        yield* telemetry.enable({ level: "basic", remote: true })
        yield* scripted.offline
        for (let i = 0; i < 3; i++) yield* telemetry.trackFeature(`f${i}`, true)
        yield* telemetry.submitNow
        expect(inFile()).toHaveLength(3)
        expect((yield* telemetry.status).destinations).toMatchObject({ default: { total: 0 }, mine: { pending: 3 } })

        yield* scripted.online
        yield* telemetry.trackFeature("f3", true)
        yield* telemetry.submitNow
        expect((yield* telemetry.status).destinations).toMatchObject({ default: { total: 0 }, mine: { total: 0 } })
        expect((yield* scripted.events).map(({ id }) => id)).toEqual(inFile())
        expect(inFile()).toHaveLength(4)
        expect((yield* scripted.duplicates).size).toBe(0)
      }).pipe(Effect.provide(layer))
    }))
})
