import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import type { NetworkInterfaceInfo } from "node:os"
import * as NodeNetwork from "../../src/node/NodeNetwork.js"

const address = (cidr: string, internal = false): NetworkInterfaceInfo => ({
  address: cidr.split("/")[0]!,
  netmask: "255.255.255.0",
  family: "IPv4",
  mac: "00:00:00:00:00:00",
  internal,
  cidr
})

const loopback = { lo: [address("127.0.0.1/8", true)] }
const home = { ...loopback, wifi: [address("192.168.1.7/24")] }
const away = { ...loopback, wifi: [address("10.0.0.9/24")] }

/** Is the return noticed within 10 seconds after the interfaces have gone through `steps`, 10 seconds each? */
const noticed = (first: typeof home | typeof loopback, ...steps: ReadonlyArray<typeof home | typeof loopback>) =>
  Effect.gen(function*() {
    let now: NodeJS.Dict<ReadonlyArray<NetworkInterfaceInfo>> = first
    const fiber = yield* Effect.fork(NodeNetwork.make(() => now).returned)
    yield* TestClock.adjust("10 seconds")
    for (const step of steps) {
      now = step
      yield* TestClock.adjust("10 seconds")
    }
    const done = Option.isSome(yield* Fiber.poll(fiber))
    yield* Fiber.interrupt(fiber)
    return done
  })

describe("NodeNetwork", () => {
  it.effect.each(
    [
      ["stays as it is", [home], false],
      ["stays down", [loopback, loopback], false],
      ["goes down", [home, loopback], false],
      ["comes up", [loopback, home], true],
      ["goes down and comes back the same", [home, loopback, home], true],
      ["becomes another one", [home, away], true]
    ] as const
  )("a network that %s", ([, [first, ...steps], expected]) =>
    Effect.gen(function*() {
      expect(yield* noticed(first, ...steps)).toBe(expected)
    }))

  it.effect("where reading the interfaces is forbidden, nothing is noticed and nothing fails", () =>
    Effect.gen(function*() {
      const forbidden = NodeNetwork.make(() => {
        throw new Error("forbidden")
      })
      const fiber = yield* Effect.fork(forbidden.returned)
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.poll(fiber)).toEqual(Option.none())
      yield* Fiber.interrupt(fiber)
    }))

  it("only addresses that lead out of the machine count, in a fixed order", () => {
    const two = { wifi: [address("192.168.1.7/24")], cable: [address("10.1.1.1/8")], gone: undefined, ...loopback }
    expect(NodeNetwork.outward(two)).toEqual(["cable 10.1.1.1/8", "wifi 192.168.1.7/24"])
  })
})
