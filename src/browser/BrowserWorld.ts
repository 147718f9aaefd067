/**
 * What the rest of the library asks of its platform, answered by the page.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { HostEnvironment } from "../collection/HostEnvironment.js"
import { Overrides } from "../consent/Overrides.js"
import * as Ids from "../domain/Ids.js"
import { Unprefixed } from "../Environment.js"
import { Network } from "../scheduling/Network.js"
import { Page } from "./Page.js"

const systems: ReadonlyArray<readonly [RegExp, string]> = [
  [/android/i, "android"],
  [/iphone|ipad|ipod/i, "ios"],
  [/windows/i, "windows"],
  [/mac os/i, "macos"],
  [/cros/i, "chromeos"],
  [/linux/i, "linux"]
]

const engines: ReadonlyArray<readonly [RegExp, string]> = [
  [/edg\/(\d+)/i, "edge"],
  [/(?:chrome|crios)\/(\d+)/i, "chrome"],
  [/(?:firefox|fxios)\/(\d+)/i, "firefox"],
  [/version\/(\d+).*safari/i, "safari"]
]

/** The name of the browser and its major version: no more than that. */
const runtimeOf = (userAgent: string): { readonly runtime: string; readonly runtimeVersion: string } => {
  for (const [pattern, runtime] of engines) {
    const found = pattern.exec(userAgent)
    if (found !== null) return { runtime, runtimeVersion: found[1] ?? "unknown" }
  }
  return { runtime: "browser", runtimeVersion: "unknown" }
}

const environment = Layer.effect(
  HostEnvironment,
  Effect.map(Page, ({ cpuCount, memory, userAgent }) => ({
    os: systems.find(([pattern]) => pattern.test(userAgent))?.[1] ?? "unknown",
    arch: "unknown",
    ...runtimeOf(userAgent),
    cpuCount,
    memoryClass: memory === null ? "unknown" : memory >= 8 ? ">=8GB" : `<=${memory}GB`,
    ci: false
  }))
)

/** Global Privacy Control and Do Not Track are to a page what `DO_NOT_TRACK` is to a program. */
const overrides = (noticeFailed: boolean) =>
  Layer.effect(
    Overrides,
    Effect.map(Page, ({ doNotTrack }) => ({
      doNotTrack,
      disabledByEnv: false,
      ci: false,
      projectDisabled: false,
      maxLevel: null,
      noticeFailed
    }))
  )

const online = Layer.effect(
  Network,
  Effect.map(Page, ({ events }) => ({
    returned: Effect.async<void>((resume) => {
      const heard = (): void => resume(Effect.void)
      events.addEventListener("online", heard, { once: true })
      return Effect.sync(() => events.removeEventListener("online", heard))
    })
  }))
)

/**
 * Identifiers, overrides, environment and network.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: { readonly noticeFailed?: boolean | undefined }
): Layer.Layer<Ids.Ids | HostEnvironment> =>
  Layer.mergeAll(
    Layer.unwrapEffect(Effect.map(Page, ({ random }) => Ids.layer((bytes) => bytes.set(random(bytes.length))))),
    overrides(options.noticeFailed ?? false),
    environment,
    online
  )

/**
 * A page has no variables.
 *
 * @since 0.1.0
 * @category layers
 */
export const noVariables: Layer.Layer<never> = Layer.succeed(Unprefixed, () => Effect.succeed(undefined))
