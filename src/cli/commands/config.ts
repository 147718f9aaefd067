/**
 * `config`: what a person has set. Secrets are never shown.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { ConsentGate } from "../../consent/ConsentGate.js"
import { SettingKey, Settings } from "../../persistence/Settings.js"
import { misused } from "../Failure.js"
import { type Flags, Host, withWhateverIsThere } from "../Host.js"
import { note, print } from "../Output.js"
import { pairs } from "../render/table.js"
import { clean } from "../render/text.js"
import { Shell } from "../Shell.js"

type Values = Readonly<Partial<Record<SettingKey, string>>>

const shown = (key: SettingKey, value: string | undefined): string | null =>
  value === undefined ? null : key === "api-key" ? "<redacted>" : value

const settingKey = (text: string) => {
  const found = SettingKey.literals.find((key) => key === text)
  return found === undefined
    ? misused(`Unknown setting "${clean(text)}". There are: ${SettingKey.literals.join(", ")}.`)
    : Effect.succeed(found)
}

const all: Effect.Effect<Values, { readonly message: string }, Settings> = Effect.flatMap(
  Settings,
  (settings) => settings.all
)

const document = (values: Values): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    SettingKey.literals.filter((key) => values[key] !== undefined).map((key) => [key, shown(key, values[key])])
  )

/**
 * @since 0.1.0
 * @category commands
 */
export const list = (flags: Flags) =>
  Effect.gen(function*() {
    const values = document(yield* withWhateverIsThere(flags)(all))
    yield* print(flags, values, (shell) =>
      pairs(Object.entries(values).map(([key, value]) => [key, value ?? ""]), shell.style))
    if (!flags.json && Object.keys(values).length === 0) {
      yield* note("Nothing is set; the defaults hold.")
    }
  })

/**
 * @since 0.1.0
 * @category commands
 */
export const get = (flags: Flags & { readonly key: string }) =>
  Effect.gen(function*() {
    const key = yield* settingKey(flags.key)
    const value = shown(key, (yield* withWhateverIsThere(flags)(all))[key])
    yield* print(flags, { [key]: value }, () => value === null ? "" : clean(value))
    if (!flags.json && value === null) yield* note(`${key} is not set.`)
  })

const given = (flags: { readonly value: string | undefined; readonly stdin: boolean; readonly key: string }) =>
  Effect.gen(function*() {
    if (flags.stdin === (flags.value !== undefined)) {
      return yield* misused(`Give the value of ${clean(flags.key)} after it, or --stdin, and not both.`)
    }
    if (flags.value !== undefined) return flags.value
    const shell = yield* Shell
    return Option.getOrElse(yield* Stream.runHead(shell.lines), () => "").trim()
  })

/**
 * @since 0.1.0
 * @category commands
 */
export const set = (
  flags: Flags & { readonly key: string; readonly value: string | undefined; readonly stdin: boolean }
) =>
  Effect.gen(function*() {
    const key = yield* settingKey(flags.key)
    const value = yield* given(flags)
    if (value === "") return yield* misused(`${key}: the value is empty; "config unset ${key}" removes it.`)
    const remote = yield* withWhateverIsThere(flags)(Effect.gen(function*() {
      yield* (yield* Settings).update({ [key]: value })
      return (yield* (yield* ConsentGate).refresh).epoch?.origin ?? null
    }))
    yield* print(flags, { [key]: shown(key, value) }, () => `${key} is ${clean(shown(key, value) ?? "")}`)
    if (key === "remote-endpoint" && remote !== null && !value.startsWith(remote)) {
      const { invocation } = yield* Host
      yield* note(`You consented to sending to ${remote}. Sending pauses until "${invocation} enable --remote".`)
    }
  })

/**
 * @since 0.1.0
 * @category commands
 */
export const unset = (flags: Flags & { readonly key: string }) =>
  Effect.gen(function*() {
    const key = yield* settingKey(flags.key)
    yield* withWhateverIsThere(flags)(Effect.flatMap(Settings, (settings) => settings.update({ [key]: null })))
    yield* print(flags, { [key]: null }, () => `${key} is unset`)
  })
