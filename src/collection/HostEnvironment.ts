/**
 * What the `environment` event says of the machine: coarse, and nothing by which one could be told from another.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** `linux`, `darwin`, `win32`, or the name a browser gives. */
  readonly os: string
  readonly arch: string
  /** `node`, `browser` … */
  readonly runtime: string
  readonly runtimeVersion: string
  readonly cpuCount: number
  /** Memory as one of a few sizes, never the exact figure. */
  readonly memoryClass: string
  readonly ci: boolean
}

/**
 * @since 0.1.0
 * @category tags
 */
export class HostEnvironment extends Context.Tag("effect-telemetry/collection/HostEnvironment")<
  HostEnvironment,
  Service
>() {}

/**
 * Says nothing: for platforms without a layer of their own.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerUnknown: Layer.Layer<HostEnvironment> = Layer.succeed(HostEnvironment, {
  os: "unknown",
  arch: "unknown",
  runtime: "unknown",
  runtimeVersion: "unknown",
  cpuCount: 0,
  memoryClass: "unknown",
  ci: false
})
