/**
 * The text that an application shows before it asks: made from the catalogue and the configuration, so that it says what is
 * so.
 *
 * @since 0.1.0
 */
import type * as EventDefinition from "./EventDefinition.js"
import * as Level from "./Level.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly app: string
  readonly events: ReadonlyArray<EventDefinition.Any>
  /** What is asked for. */
  readonly level: Level.Level
  /** The origin that events would be sent to; null when nothing would be sent. */
  readonly origin: string | null
  /** Where what is recorded is kept; null when it is not known. */
  readonly dataDir: string | null
  /** Milliseconds; null: for as long as the person keeps it. */
  readonly retentionMillis: number | null
  /** What a person types before the words of a command. */
  readonly invocation: string
}

const dayMillis = 86_400_000

const about: Readonly<Record<Level.Level, string>> = {
  basic: "names and numbers; nothing that you type, and no id of this installation",
  enhanced:
    "names and numbers, what you type and error messages, redacted and cut, and a random id of this installation",
  full: "as well as that stacks, contexts and breadcrumbs, redacted, under a random id of this installation"
}

const purposes = (options: Options): ReadonlyArray<string> => [
  ...new Set(
    options.events.filter((event) => Level.includes(options.level, event.level)).map((event) => `  - ${event.purpose}`)
  )
]

/**
 * Plain text, one paragraph or list a thing.
 *
 * @example
 * import * as EventCatalog from "effect-telemetry/domain/EventCatalog"
 * import * as Notice from "effect-telemetry/domain/Notice"
 *
 * export const text = Notice.text({
 *   app: "ax",
 *   events: EventCatalog.builtIn,
 *   level: "basic",
 *   origin: "https://telemetry.example.com",
 *   dataDir: null,
 *   retentionMillis: 2_592_000_000,
 *   invocation: "ax telemetry"
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const text = (options: Options): string => {
  const { app, dataDir, invocation, level, origin, retentionMillis } = options
  const kept = retentionMillis === null
    ? "until you erase it"
    : `for at most ${Math.max(Math.round(retentionMillis / dayMillis), 1)} days`
  return [
    `${app} would like to record how it is used. Nothing is recorded unless you say yes.`,
    `What, at level ${level}: ${
      about[level]
    }. E-mail addresses, numbers of cards and phones, addresses of machines, keys, ` +
    "tokens and the names of people in paths are removed before anything is stored.",
    ["What for:", ...purposes(options)].join("\n"),
    origin === null
      ? `Where: on this machine only${dataDir === null ? "" : `, in ${dataDir}`}, ${kept}. Nothing is sent.`
      : `Where: on this machine${dataDir === null ? "" : `, in ${dataDir}`}, ${kept}, and sent to ${origin}. ` +
        "What was recorded before you agreed to sending is never sent.",
    `See every event and field: ${invocation} catalog. See what would be sent: ${invocation} debug preview TYPE. ` +
    `Stop at any time: ${invocation} disable; with --erase what was recorded is erased, here and there.`
  ].join("\n\n")
}
