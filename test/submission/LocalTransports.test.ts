import { SystemError } from "@effect/platform/Error"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import type * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Scope } from "effect/Scope"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Outcome from "../../src/domain/Outcome.js"
import * as TelemetryEvent from "../../src/domain/TelemetryEvent.js"
import * as NodeFileAppender from "../../src/node/NodeFileAppender.js"
import * as ConsoleTransport from "../../src/submission/ConsoleTransport.js"
import { FileAppendError } from "../../src/submission/FileAppender.js"
import * as FileTransport from "../../src/submission/FileTransport.js"
import * as KeyValueTransport from "../../src/submission/KeyValueTransport.js"
import { Transport } from "../../src/submission/Transport.js"
import { batch, event } from "./Fixtures.js"

const accepted = Outcome.Accepted({ duplicates: 0 })

const directory: Effect.Effect<string, never, Scope> = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(join(tmpdir(), "effect-telemetry-"))),
  (path) => Effect.sync(() => fs.rmSync(path, { recursive: true, force: true }))
)

const submit = (path: string, from: number, size: number) =>
  FileTransport.make(path, NodeFileAppender.make).submit(batch(size, from))

const lines = (path: string): ReadonlyArray<string> => fs.readFileSync(path, "utf8").split("\n")

describe("FileTransport", () => {
  it.scoped("appends a line of JSON an event, in a file that only its owner reads", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "events.ndjson")
      const first = yield* submit(path, 0, 2)
      expect(first.outcome).toEqual(accepted)
      expect(first.bytes).toBe(fs.statSync(path).size)
      yield* submit(path, 2, 1)
      expect(lines(path)).toEqual([0, 1, 2].map((n) => TelemetryEvent.toJson(event(n))).concat(""))
      expect(fs.statSync(path).mode & 0o777).toBe(0o600)
    }))

  it.scoped("a line that a crash has torn stays alone", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "events.ndjson")
      fs.writeFileSync(path, "{\"id\":\"torn")
      yield* submit(path, 0, 1)
      expect(lines(path)).toEqual(["{\"id\":\"torn", TelemetryEvent.toJson(event(0)), ""])
    }))

  it.scoped("a directory that does not exist pauses, and the message names the file", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "missing", "events.ndjson")
      const { bytes, outcome } = yield* submit(path, 0, 1)
      expect(outcome).toEqual(expect.objectContaining({ _tag: "Misconfigured", reason: "endpoint" }))
      expect(outcome).toEqual(expect.objectContaining({ message: expect.stringContaining(path) }))
      expect(bytes).toBe(0)
    }))

  it.effect.each([["full", false], ["broken", true]] as const)(
    "a disk that is %s is tried again later; ambiguous: %s",
    ([reason, ambiguous]) =>
      Effect.gen(function*() {
        const transport = FileTransport.make("f", {
          append: () => Effect.fail(new FileAppendError({ reason, message: "f: …" }))
        })
        const { outcome } = yield* transport.submit(batch(1))
        expect(outcome).toEqual(expect.objectContaining({ _tag: "Unreachable", ambiguous }))
      })
  )

  it.effect("a device without space is told as such", () =>
    Effect.gen(function*() {
      const { outcome } = yield* submit("/dev/full", 0, 1)
      expect(outcome).toEqual(expect.objectContaining({ _tag: "Unreachable", ambiguous: false }))
    }))

  it.effect("is a layer over its port, and nothing leaves the machine", () =>
    Effect.gen(function*() {
      const transport = yield* Transport
      expect(transport.origin).toBeNull()
      expect(transport.fingerprint).toBe("file:f")
      expect(yield* transport.ping).toBe(true)
      expect(yield* transport.serverInfo).toBeNull()
    }).pipe(Effect.provide(Layer.provide(FileTransport.layer("f"), NodeFileAppender.layer))))
})

describe("KeyValueTransport", () => {
  const kept = (lines: ReadonlyArray<string>) => lines.map((line) => JSON.parse(line).id)
  const ids = (...numbers: ReadonlyArray<number>) => numbers.map((n) => event(n).id)

  it.effect("keeps every batch under its key, and gives the events back in order", () =>
    Effect.gen(function*() {
      const store = yield* KeyValueStore.KeyValueStore
      const transport = yield* Transport
      expect(yield* KeyValueTransport.read({ store })).toEqual([])
      const first = yield* transport.submit(batch(2))
      expect(first.outcome).toEqual(accepted)
      yield* transport.submit(batch(1, 2))
      expect(yield* KeyValueTransport.read({ store })).toEqual([0, 1, 2].map((n) => TelemetryEvent.toJson(event(n))))
      expect(first.bytes).toBe(Buffer.byteLength([0, 1].map((n) => TelemetryEvent.toJson(event(n)) + "\n").join("")))
      expect(transport.origin).toBeNull()
      expect(yield* transport.ping).toBe(true)
      expect(yield* KeyValueTransport.clear({ store })).toBe(2)
      expect(yield* store.size).toBe(0)
    }).pipe(Effect.provide(KeyValueTransport.layer().pipe(Layer.provideMerge(KeyValueStore.layerMemory)))))

  it.effect("a batch that comes again takes its own place, and prefixes keep out of each other's way", () =>
    Effect.gen(function*() {
      const store = yield* KeyValueStore.KeyValueStore
      const a = KeyValueTransport.make({ store, prefix: "a" })
      const b = KeyValueTransport.make({ store, prefix: "b" })
      yield* a.submit(batch(2))
      yield* a.submit(batch(2))
      yield* b.submit(batch(1, 5))
      expect(kept(yield* KeyValueTransport.read({ store, prefix: "a" }))).toEqual(ids(0, 1))
      expect(kept(yield* KeyValueTransport.read({ store, prefix: "b" }))).toEqual(ids(5))
      expect(a.fingerprint).not.toBe(b.fingerprint)
    }).pipe(Effect.provide(KeyValueStore.layerMemory)))

  it.effect("a store that fails at either write is tried again with the same batch, which is then kept once", () =>
    Effect.gen(function*() {
      const store = yield* KeyValueStore.KeyValueStore
      for (const failing of [1, 2]) {
        let writes = 0
        const transport = KeyValueTransport.make({
          store: {
            ...store,
            set: (key, value) =>
              ++writes === failing
                ? new SystemError({ reason: "WriteZero", module: "KeyValueStore", method: "set" })
                : store.set(key, value)
          }
        })
        const { bytes, outcome } = yield* transport.submit(batch(1, failing))
        expect(outcome).toEqual(expect.objectContaining({ _tag: "Unreachable", ambiguous: true }))
        expect(bytes).toBe(0)
        expect((yield* transport.submit(batch(1, failing))).outcome).toEqual(accepted)
      }
      expect(kept(yield* KeyValueTransport.read({ store }))).toEqual(ids(1, 2))
    }).pipe(Effect.provide(KeyValueStore.layerMemory)))

  it.effect("a list that cannot be read is begun anew", () =>
    Effect.gen(function*() {
      const store = yield* KeyValueStore.KeyValueStore
      const transport = KeyValueTransport.make({ store })
      yield* store.set("telemetry/batches", "{")
      expect((yield* transport.submit(batch(1))).outcome).toEqual(accepted)
      expect(kept(yield* KeyValueTransport.read({ store }))).toEqual(ids(0))
    }).pipe(Effect.provide(KeyValueStore.layerMemory)))
})

describe("ConsoleTransport", () => {
  it.effect("writes a line of JSON an event to the error stream of the console", () =>
    Effect.gen(function*() {
      const written: Array<string> = []
      const console = yield* Effect.console
      const stub: Console.Console = {
        ...console,
        error: (...args) => Effect.sync(() => void written.push(args.join(" ")))
      }
      const transport = yield* Transport
      const { bytes, outcome } = yield* Effect.withConsole(transport.submit(batch(2)), stub)
      expect(outcome).toEqual(accepted)
      expect(written).toEqual(batch(2).events.map(TelemetryEvent.toJson))
      expect(bytes).toBe(written.join("\n").length + 1)
      expect(transport.origin).toBeNull()
    }).pipe(Effect.provide(ConsoleTransport.layer)))
})
