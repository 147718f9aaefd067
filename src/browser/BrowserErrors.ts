/**
 * Errors that nobody caught in a page. The page's own handlers, and what the browser prints, stay as they are.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Input } from "../collection/errors/Description.js"
import * as Thrown from "../collection/errors/Thrown.js"
import { ErrorTracking } from "../collection/ErrorTracking.js"
import * as Observer from "./Observer.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Also scripts, styles and images that could not be loaded, by the kind of element. Default false. */
  readonly resources?: boolean | undefined
}

/**
 * Of a script of another origin a browser tells nothing, unless it was loaded with `crossorigin`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const ofError = (event: ErrorEvent): Input => {
  if (event.error !== null && event.error !== undefined) {
    return { ...Thrown.describe(event.error), context: { origin: "error" } }
  }
  return /^script error\.?$/i.test(event.message)
    ? { errorType: "ScriptError", message: "Script error.", context: { origin: "error", crossOrigin: true } }
    : { errorType: "Error", message: event.message, context: { origin: "error" } }
}

/**
 * @since 0.1.0
 * @category conversions
 */
export const ofRejection = (reason: unknown): Input => ({
  ...Thrown.describe(reason),
  context: { origin: "unhandledrejection" }
})

/** Its address may say whose page it is: the kind of element has to do. */
const ofResource = (target: Element): Input => ({
  errorType: "ResourceError",
  message: `A resource could not be loaded: ${target.tagName.toLowerCase()}`,
  category: "network",
  context: { origin: "resource" }
})

const make = ({ resources = false }: Options) =>
  Effect.gen(function*() {
    const errors = yield* ErrorTracking
    yield* Observer.listen(globalThis, "error", (event) => {
      if (event instanceof ErrorEvent) errors.unsafeTrack(ofError(event))
    })
    yield* Observer.listen(globalThis, "unhandledrejection", (event) => {
      if (event instanceof PromiseRejectionEvent) errors.unsafeTrack(ofRejection(event.reason))
    })
    if (!resources) return
    yield* Observer.listen(globalThis, "error", (event) => {
      if (event.target instanceof Element) errors.unsafeTrack(ofResource(event.target))
    }, true)
  })

/**
 * {@link layer} with a choice.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Options): Layer.Layer<never, never, ErrorTracking> =>
  Layer.scopedDiscard(make(options))

/**
 * Records uncaught errors and unhandled rejections for as long as the scope is open.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never, never, ErrorTracking> = layerWith({})
