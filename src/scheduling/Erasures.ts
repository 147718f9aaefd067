/**
 * Sends requests for erasure until the collector has confirmed them, across restarts and after opting out: they are the only
 * thing that may leave then. While an override such as `DO_NOT_TRACK` is in force only a person's command sends them.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConsentGate, until } from "../consent/ConsentGate.js"
import { ConsentStore, type ConsentUnreadable } from "../consent/ConsentStore.js"
import type { Effective } from "../domain/Consent.js"
import * as ConsentChange from "../domain/ConsentChange.js"
import type { Erasure } from "../domain/Erasure.js"
import { ErasureTransport } from "../submission/ErasureTransport.js"
import { Config } from "../TelemetryConfig.js"
import * as RetryPolicy from "./RetryPolicy.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** What waits for its confirmation. Empty where the record cannot be read. */
  readonly waiting: Effect.Effect<ReadonlyArray<Erasure>>
  /** Asks for everything that waits, due or not, once; gives what still waits. */
  readonly submit: Effect.Effect<ReadonlyArray<Erasure>>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Erasures extends Context.Tag("effect-telemetry/scheduling/Erasures")<Erasures, Service>() {}

/** What holds where nothing but the person's own choice, or a newer policy, decided. */
const isOwnChoice = ({ reason }: Effective): boolean =>
  reason === "consented" || reason === "opted-out" || reason === "policy-changed"

const make = Effect.gen(function*() {
  const gate = yield* ConsentGate
  const store = yield* ConsentStore
  const transport = yield* ErasureTransport
  const config = yield* Config
  const policy = RetryPolicy.fromConfig(config.retry)

  const waiting = Effect.match(store.read, {
    onFailure: (): ReadonlyArray<Erasure> => [],
    onSuccess: (record) => record?.erasures ?? []
  })

  const settle = (erasure: Erasure, left: Erasure | null): Effect.Effect<void, ConsentUnreadable> =>
    Effect.zipRight(
      store.modify((record) =>
        ConsentChange.settleErasure(
          record ?? ConsentChange.withdraw(null, erasure.requestedAt),
          erasure.requestId,
          left
        )
      ),
      Effect.asVoid(gate.refresh)
    )

  const ask = (erasure: Erasure): Effect.Effect<void, ConsentUnreadable> =>
    Effect.gen(function*() {
      const answer = yield* transport.ask(erasure)
      if (answer._tag === "Confirmed") return yield* settle(erasure, null)
      const delay = yield* RetryPolicy.persistedDelay(policy, erasure.attempts)
      const now = yield* Clock.currentTimeMillis
      yield* settle(erasure, {
        ...erasure,
        attempts: erasure.attempts + 1,
        nextAttemptAt: now + Math.max(delay, answer.retryAfterMillis),
        lastError: answer.message
      })
    })

  const askAll = (erasures: ReadonlyArray<Erasure>): Effect.Effect<void> =>
    Effect.forEach(erasures, ask, { discard: true }).pipe(
      Effect.catchAll((error) => Effect.logDebug("telemetry: the consent record cannot be written", error)),
      Effect.withTracerEnabled(false)
    )

  /** Asks for what is due, and gives the milliseconds until more is; null when nothing waits. */
  const turn: Effect.Effect<number | null> = Effect.gen(function*() {
    if (!isOwnChoice(yield* gate.refresh)) return null
    const now = yield* Clock.currentTimeMillis
    yield* askAll((yield* waiting).filter(({ nextAttemptAt }) => (nextAttemptAt ?? 0) <= now))
    const left = yield* waiting
    const after = yield* Clock.currentTimeMillis
    return left.length === 0
      ? null
      : Math.max(Math.min(...left.map(({ nextAttemptAt }) => nextAttemptAt ?? 0)) - after, shortestMillis)
  })

  /** Without anything that waits there is no timer, only an ear for what changes. */
  const cycle = Effect.gen(function*() {
    const millis = yield* turn
    const seen = gate.unsafeCurrent()
    const changed = until(gate, (now) => now !== seen)
    yield* millis === null ? changed : Effect.raceFirst(Effect.sleep(millis), changed)
  })

  if (config.worker) {
    yield* cycle.pipe(
      Effect.catchAllCause((cause) =>
        Effect.zipRight(Effect.logDebug("telemetry: erasure was not asked for", cause), Effect.sleep(config.interval))
      ),
      Effect.forever,
      Effect.interruptible,
      Effect.forkScoped
    )
  }

  return Erasures.of({ waiting, submit: Effect.zipRight(Effect.flatMap(waiting, askAll), waiting) })
})

/** A record that cannot be written must not make a busy loop. */
const shortestMillis = 1_000

/**
 * In the background where there is a worker, otherwise when it is asked to.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Erasures, never, ConsentGate | ConsentStore | Config> = Layer.scoped(Erasures, make)
