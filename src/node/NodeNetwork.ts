/**
 * Notices on Node that the network is back by the addresses of this machine: reading them sends nothing.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as os from "node:os"
import { Network, type Service, watching } from "../scheduling/Network.js"

/** How often the addresses are read while a destination is away; a look takes a tenth of a millisecond. */
const everyMillis = 2_000

/**
 * The addresses that lead out of this machine, in a fixed order; none where the system does not tell.
 *
 * @since 0.1.0
 * @category getters
 */
export const outward = (interfaces: NodeJS.Dict<ReadonlyArray<os.NetworkInterfaceInfo>>): ReadonlyArray<string> =>
  Object.entries(interfaces)
    .flatMap(([name, addresses]) =>
      (addresses ?? []).filter((one) => !one.internal).map((one) => `${name} ${one.cidr}`)
    )
    .sort()

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (read: () => NodeJS.Dict<ReadonlyArray<os.NetworkInterfaceInfo>>): Service =>
  watching({
    look: Effect.sync(() => {
      try {
        return outward(read())
      } catch {
        // Some sandboxes forbid it: then the schedule alone decides.
        return []
      }
    }),
    isUp: (addresses) => addresses.length > 0,
    isSame: (before, now) => before.join() === now.join(),
    every: everyMillis
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never> = Layer.sync(Network, () => make(os.networkInterfaces))
