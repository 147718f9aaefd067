/**
 * The client of a page that could not load telemetry: it records nothing and says why.
 *
 * @since 0.1.0
 */
import type { Client } from "../../Client.js"
import { asyncDispose } from "../../internal/asyncDispose.js"
import * as Unloaded from "./Status.js"

/**
 * Nothing of it throws. What needs the store rejects; a choice that cannot be written down is no choice.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (endpoint: string | undefined, message: string): Client => {
  const nothing = (): void => {}
  const done = (): Promise<void> => Promise.resolve()
  const refuse = (): Promise<never> => Promise.reject(new Error(message))
  return {
    track: nothing,
    trackCommand: nothing,
    trackQuery: nothing,
    trackParser: nothing,
    trackError: nothing,
    trackPerformance: nothing,
    trackFeature: nothing,
    flush: done,
    submitNow: () => Promise.resolve(Unloaded.report(message)),
    status: () => Promise.resolve(Unloaded.status(endpoint, message)),
    enable: refuse,
    disable: refuse,
    stats: refuse,
    export: () => ({ [Symbol.asyncIterator]: () => ({ next: refuse }) }),
    clear: refuse,
    clearQueue: refuse,
    close: done,
    [asyncDispose]: done,
    sessionId: "",
    isEnabled: () => false
  }
}
