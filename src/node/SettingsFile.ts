/**
 * The settings as the file `settings.json` of the data directory.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as path from "node:path"
import * as Settings from "../persistence/Settings.js"
import { Directories } from "./Directories.js"
import { explain } from "./FileFailure.js"
import * as FileLock from "./FileLock.js"
import * as SafeFile from "./SafeFile.js"

const fileName = "settings.json"

const decodeJson = Schema.decodeUnknownOption(
  Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
)

const toError = (file: string) => (cause: unknown): Settings.SettingsError =>
  cause instanceof Settings.SettingsError
    ? cause
    : new Settings.SettingsError({ message: explain(file, cause), cause })

interface Content {
  readonly values: Settings.Values
  /** Names that a newer version may know: they are kept. */
  readonly others: Readonly<Record<string, unknown>>
}

const none: Content = { values: {}, others: {} }

const isKey = Schema.is(Settings.SettingKey)

const parse = (file: string, text: string): Either.Either<Content, Settings.SettingsError> => {
  const damaged = (what: string) =>
    Either.left(
      new Settings.SettingsError({
        message: `${file} is damaged (${what}): set a value with \`config set\`, which sets the damaged file aside`
      })
    )
  const json = decodeJson(text)
  if (json._tag === "None") return damaged("it is not a JSON object")
  const values: Record<string, string> = {}
  const others: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(json.value)) {
    if (!isKey(key)) others[key] = value
    else if (Predicate.isString(value)) values[key] = value
    else return damaged(`${key} is not a text`)
  }
  return Either.right({ values, others })
}

/**
 * The settings on a directory. `all` creates nothing; the directory comes with the first `update`. A damaged file makes
 * `all` fail, and is set aside by `update`, which then begins anew.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (directories: Directories["Type"]): Settings.Service => {
  if (directories.path === null) {
    const fail = Effect.asVoid(Effect.mapError(directories.ensure, toError(fileName)))
    return { all: Effect.as(fail, {}), update: () => fail }
  }
  const file = path.join(directories.path, fileName)

  const replace = (changes: Settings.Changes, check: () => void): void => {
    SafeFile.removeLeftovers(file)
    SafeFile.tighten(file)
    const text = SafeFile.read(file)
    const parsed = text === null ? Either.right(none) : parse(file, text)
    const current = Either.getOrElse(parsed, () => none)
    const next = Either.getOrThrowWith(Settings.apply(current.values, changes), (error) => error)
    if (Either.isLeft(parsed)) SafeFile.setAside(file, Date.now())
    SafeFile.write(file, `${JSON.stringify({ ...current.others, ...next }, null, 2)}\n`, check)
  }

  return {
    all: Effect.try({
      try: () => {
        const text = SafeFile.read(file)
        if (text === null) return {}
        return Either.getOrThrowWith(parse(file, text), (error) => error).values
      },
      catch: toError(file)
    }),
    update: (changes) =>
      Effect.zipRight(
        // Refused values leave no trace: not even the directory.
        Settings.apply({}, changes),
        Effect.zipRight(directories.ensure, FileLock.withLock(`${file}.lock`, (check) => replace(changes, check)))
      ).pipe(Effect.mapError(toError(file)))
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Settings.Settings, never, Directories> = Layer.effect(
  Settings.Settings,
  Effect.map(Directories, make)
)
