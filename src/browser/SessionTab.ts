/**
 * The session of a tab: it goes on from page to page, in `sessionStorage`, which ends with the tab. Nothing is written before
 * there is consent, and nothing is left when there is none any more.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { type Remembered, type Service, SessionMemory } from "../collection/SessionMemory.js"
import { ConsentGate } from "../consent/ConsentGate.js"
import { Page } from "./Page.js"

const decode = Schema.decodeUnknownEither(Schema.parseJson(Schema.Struct({
  id: Schema.UUID,
  epoch: Schema.String,
  startedAt: Schema.Int,
  lastEventAt: Schema.Int,
  events: Schema.Int,
  errors: Schema.Int
})))

/** An event within this time of the last one written down is not worth another write. */
const worthMillis = 1_000

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (storage: Storage, key: string): Service => {
  let kept: Remembered | null = null

  const isWorth = (session: Remembered): boolean =>
    kept === null || kept.id !== session.id || kept.epoch !== session.epoch ||
    session.lastEventAt - kept.lastEventAt >= worthMillis || session.lastEventAt < kept.lastEventAt

  return {
    recall: () => {
      try {
        const text = storage.getItem(key)
        return text === null ? null : Either.getOrNull(decode(text))
      } catch {
        return null
      }
    },
    keep: (session) => {
      if (session !== null && !isWorth(session)) return
      kept = session
      try {
        if (session === null) storage.removeItem(key)
        else storage.setItem(key, JSON.stringify(session))
      } catch {
        // A full or denied storage: the next page begins a session of its own.
      }
    }
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (app: string): Layer.Layer<SessionMemory, never, ConsentGate> =>
  Layer.scoped(
    SessionMemory,
    Effect.gen(function*() {
      const gate = yield* ConsentGate
      const { tabStorage } = yield* Page
      if (tabStorage === null) return yield* SessionMemory
      const memory = make(tabStorage, `effect-telemetry:${app}:session`)
      yield* gate.follow(({ enabled }) => Effect.sync(() => enabled ? undefined : memory.keep(null))).pipe(
        Effect.interruptible,
        Effect.forkScoped
      )
      return memory
    })
  )
