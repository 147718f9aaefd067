/**
 * The consent record in the page's `localStorage`: synchronous, and shared by the tabs of an origin at once.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { ConsentStore, ConsentUnreadable, makeMemory, type Service } from "../consent/ConsentStore.js"
import { ConsentRecord } from "../domain/Consent.js"
import { Page } from "./Page.js"

/**
 * The name of the record of an application.
 *
 * @since 0.1.0
 * @category constants
 */
export const keyOf = (app: string): string => `effect-telemetry:${app}:consent`

const decode = Schema.decodeUnknownEither(Schema.parseJson(ConsentRecord))

const unreadable = (message: string) => (cause: unknown): ConsentUnreadable =>
  cause instanceof ConsentUnreadable ? cause : new ConsentUnreadable({ message, cause })

const parse = (text: string): ConsentRecord =>
  Either.getOrThrowWith(
    decode(text),
    () => new ConsentUnreadable({ message: "the consent record is damaged: ask for consent again" })
  )

/**
 * `read` writes nothing, and costs one look while the text has not changed. `localStorage` is one turn at a time for all
 * tabs, so that reading, changing and writing needs no lock.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (storage: Storage, key: string): Service => {
  let seen: { readonly text: string; readonly record: ConsentRecord } | null = null

  const load = (): ConsentRecord | null => {
    const text = storage.getItem(key)
    if (text === null) return null
    if (seen?.text !== text) seen = { text, record: parse(text) }
    return seen.record
  }

  const replace = (f: (current: ConsentRecord | null) => ConsentRecord): ConsentRecord => {
    const text = storage.getItem(key)
    const current = text === null ? null : Either.getOrNull(decode(text))
    const next = f(current)
    if (next !== current) storage.setItem(key, JSON.stringify(next))
    return next
  }

  return {
    read: Effect.try({ try: load, catch: unreadable("the consent record cannot be read") }),
    modify: (f) => Effect.try({ try: () => replace(f), catch: unreadable("the consent record cannot be written") })
  }
}

/**
 * Where storage is denied, consent lasts as long as the page.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (app: string): Layer.Layer<ConsentStore> =>
  Layer.effect(
    ConsentStore,
    Effect.map(Page, ({ storage }) => storage === null ? makeMemory() : make(storage, keyOf(app)))
  )
