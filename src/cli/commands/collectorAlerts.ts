/**
 * `collector alerts`: rules with thresholds, and the webhooks that are told. Of an address only the origin is shown: the rest
 * may be a secret.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Kind, Window } from "../../collector/alerts/Rule.js"
import { failed, misused } from "../Failure.js"
import { type Flags, Host } from "../Host.js"
import { note, print } from "../Output.js"
import { table } from "../render/table.js"
import { clean, time } from "../render/text.js"
import { Shell } from "../Shell.js"
import { type Database, load, withTables } from "./collector.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Given {
  readonly kind: Kind
  readonly name: string | undefined
  readonly app: string | undefined
  readonly type: string | undefined
  readonly value: string | undefined
  readonly release: string | undefined
  readonly above: string | undefined
  readonly below: string | undefined
  readonly window: Window | undefined
  readonly url: string | undefined
  readonly urlStdin: boolean
  readonly sign: boolean
}

const urlOf = (flags: Given) =>
  Effect.gen(function*() {
    if (!flags.urlStdin) return flags.url
    if (flags.url !== undefined) return yield* misused("Give the address by --url or by --url-stdin, and not by both.")
    const shell = yield* Shell
    if (shell.interactive) yield* note("Paste the address and press Enter:")
    return Option.getOrElse(yield* Stream.runHead(shell.lines), () => "").trim()
  })

/**
 * `collector alerts add`. The secret that bodies are signed with is on standard output and nowhere else, this once.
 *
 * @since 0.1.0
 * @category commands
 */
export const add = (flags: Flags & Database & Given) =>
  Effect.gen(function*() {
    const { Alerts } = yield* load
    const url = yield* urlOf(flags)
    const rule = yield* Effect.mapError(
      Alerts.Rule.make({ ...flags, url }),
      ({ message }) => misused(`--${clean(message)}`)
    )
    const { id, secret } = yield* withTables(flags, () => Alerts.Rules.add(rule, { sign: flags.sign }))
    const condition = Alerts.Rule.describe(rule)
    const origin = Alerts.Rule.originOf(rule)
    yield* print(
      flags,
      { id, condition, origin, ...(secret === null ? {} : { secret }) },
      () => secret ?? id
    )
    if (flags.json) return
    yield* note(`Rule ${id}: ${clean(condition)}; told to ${origin}.`)
    if (secret !== null) yield* note("The secret that X-Signature is made with is shown this once: keep it safe.")
    const { invocation } = yield* Host
    yield* note(`"${invocation} collector alerts test ${id}" calls it now.`)
  })

/**
 * `collector alerts list`.
 *
 * @since 0.1.0
 * @category commands
 */
export const list = (flags: Flags & Database) =>
  Effect.gen(function*() {
    const { Alerts } = yield* load
    const rules = yield* withTables(flags, () => Alerts.Rules.all)
    if (rules.length === 0 && !flags.json) {
      const { invocation } = yield* Host
      return yield* note(
        `There are no rules yet: "${invocation} collector alerts add --kind new-error --url https://…" makes one.`
      )
    }
    const shown = rules.map((rule) => ({
      id: rule.id,
      name: rule.name,
      condition: Alerts.Rule.describe(rule),
      origin: Alerts.Rule.originOf(rule),
      signed: rule.secret !== null,
      state: rule.lookedAt === null ? "new" : rule.firing ? "firing" : "quiet",
      since: rule.since,
      value: rule.value,
      lookedAt: rule.lookedAt,
      delivered: rule.delivered,
      failed: rule.failed,
      outcome: rule.outcome,
      outcomeAt: rule.outcomeAt
    }))
    yield* print(flags, { rules: shown }, ({ style }) =>
      table(
        ["id", "name", "condition", "told", "state", "since", "value", "last call"],
        shown.map((rule) => [
          rule.id,
          clean(rule.name ?? "-"),
          clean(rule.condition),
          rule.origin,
          rule.state,
          time(rule.since),
          rule.value === null ? "-" : String(Number(rule.value.toPrecision(6))),
          rule.outcome === null ? "-" : `${clean(rule.outcome)}, ${time(rule.outcomeAt)}`
        ]),
        style
      ))
  })

/**
 * `collector alerts remove ID`.
 *
 * @since 0.1.0
 * @category commands
 */
export const remove = (flags: Flags & Database & { readonly id: string }) =>
  Effect.gen(function*() {
    const { Alerts } = yield* load
    yield* withTables(flags, () => Alerts.Rules.remove(flags.id))
    yield* print(flags, { id: flags.id, removed: true }, () => `Rule ${clean(flags.id)} is removed`)
  })

/**
 * `collector alerts test ID`: fails when the webhook was not reached, or did not answer with 2xx.
 *
 * @since 0.1.0
 * @category commands
 */
export const test = (flags: Flags & Database & { readonly id: string }) =>
  Effect.gen(function*() {
    const { Alerts } = yield* load
    const { delivered, origin, text } = yield* withTables(
      flags,
      () => Effect.provide(Alerts.test(flags.id), Alerts.layerHttp)
    )
    yield* print(flags, { id: flags.id, origin, delivered, outcome: text }, () => delivered ? `${origin}: ${text}` : "")
    if (!delivered) return yield* failed(`${origin}: ${text}`)
  })
