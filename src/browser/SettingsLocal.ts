/**
 * The settings in the page's `localStorage`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Settings from "../persistence/Settings.js"
import { Page } from "./Page.js"

const decode = Schema.decodeUnknownEither(Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.String })))

const failed = (cause: unknown): Settings.SettingsError =>
  cause instanceof Settings.SettingsError
    ? cause
    : new Settings.SettingsError({ message: "the settings cannot be read or written", cause })

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (storage: Storage, key: string): Settings.Service => {
  const load = (): Settings.Values => {
    const text = storage.getItem(key)
    return text === null ? {} : Either.getOrThrowWith(decode(text), failed)
  }
  return {
    all: Effect.try({ try: load, catch: failed }),
    update: (changes) =>
      Effect.try({
        try: () => {
          const next = Either.getOrThrowWith(Settings.apply(load(), changes), failed)
          storage.setItem(key, JSON.stringify(next))
        },
        catch: failed
      })
  }
}

/**
 * Where storage is denied, settings last as long as the page.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (app: string): Layer.Layer<Settings.Settings> =>
  Layer.unwrapEffect(
    Effect.map(Page, ({ storage }) =>
      storage === null
        ? Settings.layerMemory()
        : Layer.succeed(Settings.Settings, make(storage, `effect-telemetry:${app}:settings`)))
  )
