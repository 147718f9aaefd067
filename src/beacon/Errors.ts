/**
 * Errors that nobody caught, for a beacon: their kind and fingerprint, never their text. Apart from it, because most of its
 * size is the fingerprint, which is the very one the other entries make.
 *
 * @since 0.1.0
 */
import * as Description from "../collection/errors/Description.js"
import * as Thrown from "../collection/errors/Thrown.js"
import type { Beacon } from "./Beacon.js"

/**
 * Records an error that was caught.
 *
 * @since 0.1.0
 * @category tracking
 */
export const trackError = (beacon: Beacon, error: unknown): void => {
  const { category, count, errorType, fatal, fingerprint, severity } = Description.describe(Thrown.describe(error))
  beacon.track("error_occurred", { errorType, fatal, fingerprint, severity, category, count })
}

/**
 * Records uncaught errors and unhandled rejections, and gives the function that ends it. It only looks on.
 *
 * @since 0.1.0
 * @category tracking
 */
export const captureErrors = (beacon: Beacon): () => void => {
  const onError = ({ error, message }: ErrorEvent): void =>
    trackError(beacon, error ?? { name: "ScriptError", message })
  const onRejection = ({ reason }: PromiseRejectionEvent): void => trackError(beacon, reason)
  addEventListener("error", onError)
  addEventListener("unhandledrejection", onRejection)
  return () => {
    removeEventListener("error", onError)
    removeEventListener("unhandledrejection", onRejection)
  }
}
