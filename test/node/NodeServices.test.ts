import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { HostEnvironment } from "../../src/collection/HostEnvironment.js"
import { Environment } from "../../src/domain/EventCatalog.js"
import { Ids } from "../../src/domain/Ids.js"
import * as NodeEnvironment from "../../src/node/NodeEnvironment.js"
import * as NodeIds from "../../src/node/NodeIds.js"
import * as NodeProcess from "../../src/node/NodeProcess.js"
import * as UnrefClock from "../../src/node/UnrefClock.js"
import { Process } from "../../src/scheduling/Process.js"
import { start } from "./support.js"

describe("NodeIds", () => {
  it.effect("never repeat, also over two layers", () =>
    Effect.gen(function*() {
      const many = Effect.map(Ids, (ids) => Array.from({ length: 2_000 }, (_, i) => [ids.uuid4(), ids.uuid7(i)]).flat())
      const all = [
        ...yield* Effect.provide(many, NodeIds.layer),
        ...yield* Effect.provide(many, NodeIds.layer)
      ]
      expect(new Set(all).size).toBe(8_000)
    }))
})

describe("NodeEnvironment", () => {
  it.effect("says exactly what the event declares", () =>
    Effect.gen(function*() {
      const host = yield* HostEnvironment
      expect(Object.keys(host).sort()).toEqual(Object.keys(Environment.fields).sort())
      expect(host).toMatchObject({
        os: process.platform,
        arch: process.arch,
        runtime: "node",
        runtimeVersion: process.versions.node,
        ci: false
      })
      expect(host.cpuCount).toBeGreaterThan(0)
    }).pipe(Effect.provide(NodeEnvironment.layer)))

  it.each([
    [0, "unknown"],
    [Number.NaN, "unknown"],
    [0.5, "<=2GB"],
    [3.8, "2-4GB"],
    [15.5, "8-16GB"],
    [16, "8-16GB"],
    [64, "32-64GB"],
    [512, ">64GB"]
  ])("puts %d GiB into the class %s", (gibibytes, name) => {
    expect(NodeEnvironment.memoryClass(gibibytes * 1024 ** 3)).toBe(name)
  })
})

describe("NodeProcess", () => {
  it.effect("is an owner of its own for each layer", () =>
    Effect.gen(function*() {
      const owner = Effect.map(Effect.provide(Process, NodeProcess.layer), (self) => self.owner)
      const [one, two] = [yield* owner, yield* owner]
      expect(one.pid).toBe(process.pid)
      expect(one.id).not.toBe(two.id)
    }))

  it("takes a process for gone only when the system says so", async () => {
    expect(NodeProcess.isGone(process.pid)).toBe(false)
    expect(NodeProcess.isGone(1)).toBe(false)
    for (const pid of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(NodeProcess.isGone(pid)).toBe(false)
    const { child, ended } = start("ending", ["nothing"])
    expect(NodeProcess.isGone(child.pid!)).toBe(false)
    await ended
    expect(NodeProcess.isGone(child.pid!)).toBe(true)
  })
})

describe("UnrefClock", () => {
  it.live("tells the time of the default clock and sleeps as long", () =>
    Effect.gen(function*() {
      const before = yield* Clock.currentTimeMillis
      const nanos = yield* Clock.currentTimeNanos
      const inside = yield* Clock.currentTimeMillis.pipe(
        Effect.zipLeft(Effect.sleep("5 millis")),
        Effect.withClock(UnrefClock.clock)
      )
      expect(inside).toBeGreaterThanOrEqual(before)
      expect(Number((yield* Clock.currentTimeNanos) - nanos)).toBeGreaterThan(4_000_000)
      expect(yield* Effect.withClock(Clock.currentTimeNanos, UnrefClock.clock)).toBeGreaterThan(nanos)
    }))

  it.live("can be interrupted while it sleeps", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.withClock(Effect.sleep("1 hour"), UnrefClock.clock))
      yield* Effect.yieldNow()
      expect(yield* fiber.pipe(Effect.interruptible, (sleeping) => Effect.timeoutOption(sleeping, "1 millis")))
        .toMatchObject({ _tag: "None" })
    }))
})

const ending = (way: string) => start("ending", [way]).ended

describe("the end of a process", () => {
  it("runs the hooks of open scopes on process.exit, newest first, whatever one of them does", async () => {
    expect(await ending("process.exit")).toEqual({ code: 3, signal: null, stdout: "second\nfirst\n", stderr: "" })
  })

  it("runs the hooks when the host throws, and leaves its exit code and output", async () => {
    const ended = await ending("throwing")
    expect(ended).toMatchObject({ code: 1, stdout: "hook\n" })
    expect(ended.stderr).toContain("the host's own")
  })

  it("runs no hook of a scope that was closed", async () => {
    expect(await ending("closed scope")).toEqual({ code: 0, signal: null, stdout: "done\n", stderr: "" })
  })

  it.each(["unref sleep", "unref forever", "unref long"])("is not put off by a sleeper: %s", async (way) => {
    expect(await ending(way)).toEqual({ code: 0, signal: null, stdout: "", stderr: "" })
  })

  it("is put off while something is waited for in the foreground", async () => {
    expect(await ending("kept alive")).toEqual({ code: 0, signal: null, stdout: "woke\n", stderr: "" })
  })
})
