/**
 * What a webhook is told, as JSON. No message of an error and no value of an event is in it: numbers, names and times.
 *
 * @since 0.1.0
 */
import * as WordsOf from "../analysis/Words.js"
import * as Limits from "../Limits.js"
import type { Reading } from "./Reading.js"
import * as Rule from "./Rule.js"

/**
 * @since 0.1.0
 * @category models
 */
export type State = "firing" | "resolved" | "test"

/**
 * @since 0.1.0
 * @category models
 */
export interface Payload {
  /** The form of this document. */
  readonly version: 1
  /** That of the notification, also in the header `Idempotency-Key`: the same one may come twice. */
  readonly id: string
  readonly state: State
  /** When the rule looked, ISO 8601. */
  readonly at: string
  readonly app: string | null
  readonly rule: {
    readonly id: string
    readonly name: string | null
    readonly kind: Rule.Kind
    readonly type: string | null
    readonly dimension: string | null
    readonly release: string | null
    /** The condition in words. */
    readonly condition: string
  }
  /** Null: there was too little to tell. */
  readonly value: number | null
  readonly direction: "above" | "below"
  readonly threshold: number
  readonly unit: ReturnType<typeof Rule.unitOf>
  readonly window: {
    readonly length: Rule.Window
    readonly from: string
    /** Exclusive. */
    readonly to: string
  }
  /** What was found, by name. */
  readonly found: ReadonlyArray<string>
  /** Path and query of the page that shows it, on the collector's own address. */
  readonly dashboard: string
  /** All of it in a sentence or two, for chats: `&`, `<` and `>` are written as they are in Slack's messages. */
  readonly text: string
}

const pages: Readonly<Record<Rule.Kind, string>> = {
  events: "/events",
  errors: "/errors",
  "error-share": "/errors",
  "new-error": "/errors",
  latency: "/performance",
  rejected: "/ingest",
  anomaly: "/"
}

/**
 * @since 0.1.0
 * @category getters
 */
export const pageOf = ({ app, dimension, kind, release, type, window }: Rule.Condition): string => {
  const query = new URLSearchParams({ range: window === "hour" ? "24h" : "7d" })
  if (app !== null) query.set("app", app)
  if (release !== null) query.set("version", release)
  if (type !== null) query.set("type", type)
  if (dimension !== null) query.set("value", dimension)
  return `${type === null ? pages[kind] : "/events"}?${query}`
}

const iso = (time: number): string => new Date(time).toISOString().replace(".000Z", "Z")

const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** One line that mentions nobody and links nowhere of its own. */
const line = (text: string): string =>
  text.replace(unseen, " ").slice(0, 300).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")

const heads: Readonly<Record<State, string>> = { firing: "Firing", resolved: "Resolved", test: "Test" }

const valueIn = (kind: Rule.Kind, { from, value }: Pick<Reading, "from" | "value">, window: Rule.Window): string =>
  value === null
    ? "too few events to tell"
    : `${Rule.figure(kind, value)} ${WordsOf.when(from, window)}`

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: {
  readonly id: string
  readonly state: State
  readonly at: number
  readonly rule: Rule.Rule & { readonly id: string }
  readonly reading: Pick<Reading, "value" | "from" | "to" | "found">
}): Payload => {
  const { at, id, reading, rule, state } = options
  const condition = Rule.describe(rule)
  const rest = reading.found.length - Limits.alertNames
  const found = [...reading.found.slice(0, Limits.alertNames), ...(rest > 0 ? [`and ${rest} more`] : [])]
    .map((name) => name.replace(unseen, " "))
  return {
    version: 1,
    id,
    state,
    at: iso(at),
    app: rule.app,
    rule: {
      id: rule.id,
      name: rule.name,
      kind: rule.kind,
      type: rule.type,
      dimension: rule.dimension,
      release: rule.release,
      condition
    },
    value: reading.value,
    direction: rule.direction,
    threshold: rule.threshold,
    unit: Rule.unitOf(rule.kind),
    window: { length: rule.window, from: iso(reading.from), to: iso(reading.to) },
    found,
    dashboard: pageOf(rule),
    text: [
      line(
        `${heads[state]}${rule.name === null ? "" : ` (${rule.name})`}: ${condition}; ${
          state === "test" ? "nothing has happened" : `now ${valueIn(rule.kind, reading, rule.window)}`
        }`
      ),
      ...found.map((name) => `• ${line(name)}`)
    ].join("\n")
  }
}
