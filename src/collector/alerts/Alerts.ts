/**
 * Looks at every rule once a minute, and has told when one begins to fire and when it ceases to.
 *
 * What a rule found and what is to be told of it are written together, and only where nobody else has looked meanwhile: a
 * restart repeats nothing and loses nothing, and of two that look at once one finds that it came late.
 *
 * @since 0.1.0
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Crypto from "node:crypto"
import * as Dialect from "../Dialect.js"
import { Insights } from "../Insights.js"
import type { Job } from "../Job.js"
import * as Limits from "../Limits.js"
import * as Period from "../Period.js"
import * as Transaction from "../Transaction.js"
import * as Outbox from "./Outbox.js"
import * as Payload from "./Payload.js"
import * as Reading from "./Reading.js"
import * as Rule from "./Rule.js"
import * as Rules from "./Rules.js"
import * as Webhook from "./Webhook.js"
import { Webhooks } from "./Webhooks.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** {@link run}, every minute. */
  readonly job: Job
  /** Looks at all rules. One that cannot be looked at keeps no other from it; then this fails in the end. */
  readonly run: Effect.Effect<void, SqlError>
  /** All rules; of one application (and not of all together) where it is named. */
  readonly rules: (app: string | null) => Effect.Effect<ReadonlyArray<Rules.Kept>, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Alerts extends Context.Tag("effect-telemetry/collector/alerts/Alerts")<Alerts, Service>() {}

const statements = Dialect.statements(() => ({
  look: `UPDATE alert_rules SET looks = looks + 1, looked_at = ?, value = ?, memory = ?, firing = ?, since = ?
    WHERE id = ? AND looks = ?`
}))

const stateOf = (rule: Rules.Kept, reading: Reading.Reading): Payload.State | null =>
  reading.firing ? rule.firing && !reading.more ? null : "firing" : rule.firing ? "resolved" : null

/** True: there is something to tell. */
const settle = Effect.fnUntraced(function*(
  session: Transaction.Session,
  rule: Rules.Kept,
  reading: Reading.Reading,
  at: number
): Effect.fn.Return<boolean, SqlError> {
  const { firing, memory, value } = reading
  const since = rule.firing === firing ? rule.since : at
  const params = [at, value, memory, firing ? 1 : 0, since, rule.id, rule.looks]
  const state = stateOf(rule, reading)
  if ((yield* session.run(statements(session.dialect).look, params)) === 0 || state === null) return false
  const id = yield* Effect.sync(() => Crypto.randomUUID())
  const body = JSON.stringify(Payload.make({ id, state, at, rule, reading }))
  yield* Outbox.put(session, { id, rule: rule.id, body, at })
  return true
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const insights = yield* Insights
  const webhooks = yield* Webhooks
  const all = Effect.provideService(Rules.all, SqlClient.SqlClient, sql)

  const look = Effect.fnUntraced(function*(rule: Rules.Kept): Effect.fn.Return<boolean, SqlError> {
    const now = yield* Clock.currentTimeMillis
    const watch = { condition: rule, since: rule.createdAt, memory: rule.memory }
    const reading = yield* Reading.take(insights, watch, now)
    return reading !== null && (yield* Transaction.write(sql, (session) => settle(session, rule, reading, now)))
  })

  const run = Effect.gen(function*() {
    const looks = yield* Effect.forEach(yield* all, (rule) => Effect.either(look(rule)))
    if (looks.some((one) => Either.isRight(one) && one.right)) yield* webhooks.wake
    const failure = looks.find(Either.isLeft)
    if (failure !== undefined) yield* Effect.fail(failure.left)
  })

  return Alerts.of({
    job: {
      name: "alerts",
      due: Effect.sleep(Duration.millis(Limits.alertCheckMillis)),
      everyMillis: Limits.alertCheckMillis,
      run
    },
    run,
    rules: (app) => Effect.map(all, (rules) => rules.filter((rule) => app === null || rule.app === app))
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Alerts, never, SqlClient.SqlClient | Insights | Webhooks> = Layer.effect(Alerts, make)

/**
 * Calls the webhook of a rule at once, with a notification that says it is a test.
 *
 * @since 0.1.0
 * @category combinators
 */
export const test = Effect.fnUntraced(function*(
  ruleId: string
): Effect.fn.Return<
  Webhook.Outcome & { readonly origin: string },
  SqlError | Rules.RuleNotFound,
  SqlClient.SqlClient | HttpClient.HttpClient
> {
  const client = yield* HttpClient.HttpClient
  const rule = yield* Rules.one(ruleId)
  const at = yield* Clock.currentTimeMillis
  const id = yield* Effect.sync(() => Crypto.randomUUID())
  const [from, to] = [Period.startOf(rule.window, at), Period.endOf(rule.window, at)]
  const reading = { value: rule.value, from, to, found: [] }
  const body = JSON.stringify(Payload.make({ id, state: "test", at, rule, reading }))
  const outcome = yield* Webhook.send(client, { id, url: rule.url, secret: rule.secret, body })
  return { ...outcome, origin: Rule.originOf(rule) }
})

/**
 * What {@link test} calls with.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerHttp: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layer
