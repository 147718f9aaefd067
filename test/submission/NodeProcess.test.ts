import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { fileURLToPath } from "node:url"
import * as FakeCollector from "../../src/testing/FakeCollector.js"
import * as Fault from "../../src/testing/Fault.js"
import { serve } from "./LoopbackCollector.js"

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

interface Program {
  readonly process: ChildProcess
  readonly exited: Effect.Effect<{ readonly code: number | null; readonly output: string }>
}

const start = (args: ReadonlyArray<string>, env: Record<string, string> = {}): Effect.Effect<Program, never, Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, args, {
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "inherit"]
      })
      let output = ""
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()))
      const closed = new Promise<number | null>((resolve) => child.on("close", resolve))
      return { process: child, exited: Effect.map(Effect.promise(() => closed), (code) => ({ code, output })) }
    }),
    (program) => Effect.sync(() => void program.process.kill("SIGKILL"))
  )

const submitter = (address: string, mode: "background" | "wait", env?: Record<string, string>) =>
  start(["--import", "tsx", path("programs/submit.ts"), address, mode], env)

describe("a program that submits in the background", () => {
  it.scopedLive("ends though the endpoint does not answer", () =>
    Effect.gen(function*() {
      const collector = FakeCollector.make()
      const server = yield* serve(collector)
      yield* collector.down(Fault.Hang())
      const program = yield* submitter(server.endpoint, "background")
      expect(yield* program.exited).toEqual({ code: 0, output: "" })
      expect(yield* collector.requests).toHaveLength(1)
      yield* server.abandoned.take
    }))

  it.scopedLive("ends though the connection is never made", () =>
    Effect.gen(function*() {
      const deaf = yield* start([path("programs/deaf.mjs")])
      const port = yield* Effect.async<number>((resume) => {
        deaf.process.stdout!.once("data", (chunk: Buffer) => resume(Effect.succeed(Number(chunk.toString()))))
      })
      yield* Effect.acquireRelease(
        Effect.sync(() => Array.from({ length: 8 }, () => connect(port, "127.0.0.1").on("error", () => {}))),
        (sockets) => Effect.sync(() => sockets.forEach((socket) => socket.destroy()))
      )
      const program = yield* submitter(`http://127.0.0.1:${port}/v1/events`, "background")
      expect((yield* program.exited).code).toBe(0)
    }))
})

describe("a program that waits for its submission", () => {
  it.scopedLive("trusts what NODE_EXTRA_CA_CERTS adds, as Node does", () =>
    Effect.gen(function*() {
      const collector = FakeCollector.make()
      const read = (name: string) => readFileSync(path(`fixtures/localhost.${name}.pem`), "utf8")
      const server = yield* serve(collector, { key: read("key"), cert: read("cert") })
      const program = yield* submitter(server.endpoint, "wait", {
        NODE_EXTRA_CA_CERTS: path("fixtures/localhost.cert.pem")
      })
      expect(yield* program.exited).toEqual({ code: 0, output: "{\"duplicates\":0,\"_tag\":\"Accepted\"}\n" })
      expect((yield* collector.events).size).toBe(1)
    }))
})
