/**
 * The search program: `main.ts index DIR…` parses and answers queries, `main.ts watch DIR…` goes on answering until it is
 * ended. Everything it does is tracked through `TelemetryLive`, exactly as any Effect program would do it.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Telemetry } from "effect-telemetry"
import { TelemetryLive } from "effect-telemetry/node"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { SearchIndex } from "./SearchIndex.js"
import * as Tally from "./Tally.js"

const tally = Tally.make(process.env["SEARCH_TALLY"])

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<readonly [A, number], E, R> =>
  Effect.gen(function*() {
    const start = yield* Clock.currentTimeNanos
    const value = yield* effect
    const end = yield* Clock.currentTimeNanos
    return [value, Number(end - start) / 1e6] as const
  })

const sourcesOf = (directory: string): ReadonlyArray<string> =>
  fs.readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => path.join(directory, name))
    .sort()

const parseAll = (directories: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const index = yield* SearchIndex
    const files = directories.flatMap(sourcesOf)
    // A file that is not there shows how failures are recorded.
    for (const [i, file] of [...files, path.join(directories[0] ?? ".", "no-such-file.ts")].entries()) {
      const [result, duration] = yield* timed(Effect.either(index.parse(file)))
      tally.count("parser_invoked")
      if (result._tag === "Right") {
        yield* telemetry.trackParser(
          "typescript",
          path.extname(file),
          duration,
          result.right.symbols,
          result.right.lines
        )
      } else {
        yield* telemetry.trackParser("typescript", path.extname(file), duration, 0, 0, result.left._tag)
        tally.count("error_occurred")
        yield* telemetry.trackError(result.left._tag, result.left.message, result.left.stack, { step: "parse" }, false)
      }
      if (i % 20 === 19) {
        yield* Console.log(`parsed ${i + 1} of ${files.length} files`)
        yield* Effect.sleep("5 millis")
      }
    }
    tally.count("performance_measured")
    yield* telemetry.trackPerformance("index.heap", process.memoryUsage().heapUsed, "bytes", { files: files.length })
    return files.length
  })

const answer = (query: string, kind: "symbol" | "text", cache: Map<string, number>) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const index = yield* SearchIndex
    const key = `${kind}:${query}`
    const known = cache.get(key)
    const [found, duration] = yield* timed(Effect.sync(() => known ?? index[kind](query).length))
    cache.set(key, found)
    tally.count("query_performed")
    yield* telemetry.trackQuery(kind, query, found, duration, known !== undefined, "typescript")
  })

const queries = (count: number) =>
  Effect.gen(function*() {
    const index = yield* SearchIndex
    const names = index.names()
    const cache = new Map<string, number>()
    for (let i = 0; i < count; i++) {
      yield* answer(names[(i * 7919) % names.length] ?? "main", "symbol", cache)
      if (i % 10 === 0) {
        yield* answer(["Effect.gen", "Schema.Struct", "TODO", "Layer.provide"][(i / 10) % 4]!, "text", cache)
      }
      if (i % 50 === 49) {
        yield* Effect.sleep("5 millis")
      }
    }
    yield* Console.log(`answered ${count + Math.ceil(count / 10)} queries`)
  })

const index = (directories: ReadonlyArray<string>, count: number) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    tally.count("feature_used")
    yield* telemetry.trackFeature("symbol-index", true)
    const [files, duration] = yield* timed(Effect.zipLeft(parseAll(directories), queries(count)))
    tally.count("performance_measured")
    yield* telemetry.trackPerformance("index.files", files, "count")
    tally.count("command_executed")
    yield* telemetry.trackCommand("index", ["--queries"], duration, 0)
    yield* telemetry.flush
    tally.write()
  })

/** Answers queries, says that they are safe on disk, and stays until it is ended. */
const watch = (directories: ReadonlyArray<string>, count: number) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const search = yield* SearchIndex
    for (const file of directories.flatMap(sourcesOf).slice(0, 20)) yield* Effect.ignore(search.parse(file))
    yield* queries(count)
    tally.count("feature_used")
    yield* telemetry.trackFeature("watch", "started")
    yield* telemetry.flush
    tally.write()
    yield* Console.log("committed")
    yield* telemetry.submitNow
    yield* Effect.never
  })

const [, , command, ...rest] = process.argv
const count = Number(process.env["SEARCH_QUERIES"] ?? "300")

const program = command === "watch" ? watch(rest, count) : index(rest, count)

program.pipe(Effect.provide(TelemetryLive), Effect.provide(SearchIndex.Default), NodeRuntime.runMain)
