/**
 * The client of a page whose code is there: the layers behind promises.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { Session } from "../collection/Session.js"
import { ConsentGate } from "../consent/ConsentGate.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import { Telemetry } from "../Telemetry.js"
import { asyncDispose } from "./AsyncDispose.js"
import type { Client, CreateOptions } from "./Client.js"
import * as Composed from "./Composed.js"

/**
 * What was asked for, with what of it had to be loaded first.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<CreateOptions, "capture" | "events"> {
  readonly capture: ReadonlyArray<Layer.Layer<never, never, Composed.Services>>
  readonly events: ReadonlyArray<EventDefinition.Any> | undefined
}

const toError = (cause: Cause.Cause<unknown>): Error => {
  const squashed = Cause.squash(cause)
  return squashed instanceof Error ? squashed : new Error(String(squashed))
}

/**
 * Rejects only when an option is refused, and names it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const open = async (options: Options): Promise<Client> => {
  const { capture, consent, level, remote, ...rest } = options
  const live = Composed.layer({ ...rest, ...(level === undefined ? {} : { maxLevel: level }) })
  const runtime = ManagedRuntime.make(
    capture.reduce((all, layer) => Layer.merge(all, Layer.provide(layer, live)), live)
  )
  const run = async <A, E>(
    effect: Effect.Effect<A, E, ManagedRuntime.ManagedRuntime.Context<typeof runtime>>
  ): Promise<A> => {
    const exit = await runtime.runPromiseExit(effect)
    if (Exit.isSuccess(exit)) return exit.value
    throw toError(exit.cause)
  }
  const [telemetry, gate, session] = await run(
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      // A consent that cannot be written down means off, which `status` shows.
      if (consent === "granted") {
        yield* Effect.ignore(telemetry.granted({ level, remote, endpoint: options.endpoint }))
      }
      return [telemetry, yield* ConsentGate, yield* Session] as const
    })
  )
  // Tracking is synchronous through and through; nothing of it can suspend or fail.
  const now = (effect: Effect.Effect<void>): void => {
    runtime.runFork(effect, { immediate: true })
  }
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => closing ??= runtime.dispose()
  return {
    track: (eventType, eventData) => {
      telemetry.unsafeTrack(eventType, eventData)
    },
    trackCommand: (...args) => now(telemetry.trackCommand(...args)),
    trackQuery: (...args) => now(telemetry.trackQuery(...args)),
    trackParser: (...args) => now(telemetry.trackParser(...args)),
    trackError: (...args) => now(telemetry.trackError(...args)),
    trackPerformance: (...args) => now(telemetry.trackPerformance(...args)),
    trackFeature: (...args) => now(telemetry.trackFeature(...args)),
    flush: () => run(telemetry.flush),
    submitNow: () => run(telemetry.submitNow),
    status: () => run(telemetry.status),
    enable: (choice = {}) => run(telemetry.enable({ endpoint: options.endpoint, ...choice })),
    disable: (choice = {}) => run(telemetry.disable(choice)),
    stats: (request = {}) => run(telemetry.stats(request)),
    export: (filter = {}) => Stream.toAsyncIterable(telemetry.export(filter)),
    clear: () => run(telemetry.clear),
    clearQueue: () => run(telemetry.clearQueue),
    close,
    [asyncDispose]: close,
    get sessionId() {
      return session.unsafeContext().sessionId
    },
    isEnabled: () => gate.unsafeCurrent().enabled
  }
}
