/**
 * What a person has set for this application: kept beside the consent record, apart from the database.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Knobs from "../internal/knobs.js"
import { SettingsError } from "./SettingsError.js"

export { SettingsError } from "./SettingsError.js"

/**
 * @since 0.1.0
 * @category models
 */
export const SettingKey = Schema.Literal(
  "remote-endpoint",
  "api-key",
  "level",
  "interval",
  "batch-size",
  "rate-limit",
  "burst",
  "timeout",
  "max-retries",
  "retention",
  "queue-limit",
  "profile",
  "debug"
)

/**
 * @since 0.1.0
 * @category models
 */
export type SettingKey = typeof SettingKey.Type

/**
 * The settings that are set, as a person has typed them.
 *
 * @since 0.1.0
 * @category models
 */
export type Values = Readonly<Partial<Record<SettingKey, string>>>

/**
 * New texts by key; null removes.
 *
 * @since 0.1.0
 * @category models
 */
export type Changes = Readonly<Partial<Record<SettingKey, string | null>>>

/**
 * Values are text, as a person types them. The key of the endpoint is among them: never print `all` as it is.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly all: Effect.Effect<Values, SettingsError>
  /** Several at once, durable when it returns; null removes. Values are checked first, and refused by name. */
  readonly update: (changes: Changes) => Effect.Effect<void, SettingsError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Settings extends Context.Tag("effect-telemetry/persistence/Settings")<Settings, Service>() {}

/**
 * The text as it is stored, or why it is refused. Keys and addresses are never repeated in the message.
 *
 * @since 0.1.0
 * @category decoding
 */
export const validate = (key: SettingKey, text: string): Either.Either<string, SettingsError> => {
  const kind = Knobs.bySetting[key]
  const trimmed = text.trim()
  return Either.mapBoth(kind.fromText(trimmed), {
    onLeft: (expected) => new SettingsError({ message: Knobs.describe(`the setting ${key}`, kind, trimmed, expected) }),
    onRight: () => trimmed
  })
}

/**
 * The settings after some changes, unless one of them is refused.
 *
 * @since 0.1.0
 * @category combinators
 */
export const apply = (current: Values, changes: Changes): Either.Either<Values, SettingsError> => {
  const next: Partial<Record<SettingKey, string>> = { ...current }
  for (const key of SettingKey.literals) {
    const text = changes[key]
    if (text === undefined) continue
    delete next[key]
    if (text === null) continue
    const checked = validate(key, text)
    if (Either.isLeft(checked)) return Either.left(checked.left)
    next[key] = checked.right
  }
  return Either.right(next)
}

/**
 * What may be printed: the key of the endpoint is replaced by `<redacted>`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const redacted = (values: Values): Values =>
  values["api-key"] === undefined ? values : { ...values, "api-key": "<redacted>" }

/**
 * Settings that last as long as the layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory = (initial: Values = {}): Layer.Layer<Settings> =>
  Layer.sync(Settings, () => {
    let values = initial
    return {
      all: Effect.sync(() => values),
      update: (changes) =>
        Effect.suspend(() =>
          Either.map(apply(values, changes), (next) => {
            values = next
          })
        )
    }
  })
