/**
 * What the `environment` event says of a machine that runs Node.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import * as os from "node:os"
import { HostEnvironment } from "../collection/HostEnvironment.js"
import { inForce } from "../Environment.js"

const gibibyte = 1024 ** 3

/**
 * Memory as one of a few sizes. What is reserved by firmware is made up for: a machine sold with 16 GiB is in `8-16GB`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const memoryClass = (bytes: number): string => {
  if (!(bytes > 0)) return "unknown"
  const sizes = [2, 4, 8, 16, 32, 64]
  const fits = sizes.findIndex((size) => bytes <= size * gibibyte)
  if (fits === -1) return ">64GB"
  return fits === 0 ? "<=2GB" : `${sizes[fits - 1]}-${sizes[fits]}GB`
}

const runtime = (): readonly [name: string, version: string] => {
  const { bun, deno, node } = process.versions
  if (bun !== undefined) return ["bun", bun]
  return deno === undefined ? ["node", node] : ["deno", deno]
}

/**
 * Looked at once, when the layer is built. No language, region, host name, user name or path.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<HostEnvironment> = Layer.sync(HostEnvironment, () => {
  const [name, version] = runtime()
  return {
    os: process.platform,
    arch: process.arch,
    runtime: name,
    runtimeVersion: version,
    cpuCount: os.availableParallelism(),
    memoryClass: memoryClass(os.totalmem()),
    ci: inForce(process.env["CI"])
  }
})
