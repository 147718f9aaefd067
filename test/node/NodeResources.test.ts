import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { ResourceUsage } from "../../src/collection/Resources.js"
import * as NodeResources from "../../src/node/NodeResources.js"

describe("a process of Node", () => {
  it.live("tells what it uses of memory and processor, and how late its event loop is", () =>
    Effect.gen(function*() {
      const { look } = yield* ResourceUsage
      const first = yield* look
      expect(first.memory).toBeGreaterThan(1024 ** 2)
      expect(first.heap).toBeGreaterThan(1024 ** 2)
      const begun = process.cpuUsage()
      while (process.cpuUsage(begun).user < 20_000) JSON.stringify(first)
      const second = yield* look
      expect(second.cpu).toBeGreaterThan(0)
      expect(second.eventLoopDelay).toBeGreaterThanOrEqual(0)
      expect(second.network).toBeUndefined()
    }).pipe(Effect.provide(NodeResources.layerUsage)))
})
