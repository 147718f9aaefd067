import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { Alerts, layer as layerAlerts } from "../../src/collector/alerts/Alerts.js"
import type { Payload } from "../../src/collector/alerts/Payload.js"
import * as Rule from "../../src/collector/alerts/Rule.js"
import * as Rules from "../../src/collector/alerts/Rules.js"
import { layer as layerWebhooks, Webhooks } from "../../src/collector/alerts/Webhooks.js"
import * as Counters from "../../src/collector/Counters.js"
import { layerDatabase } from "../../src/collector/Database.js"
import * as Ingest from "../../src/collector/Ingest.js"
import { Insights } from "../../src/collector/Insights.js"
import * as InsightsSql from "../../src/collector/insights/InsightsSql.js"
import * as Rollups from "../../src/collector/Rollups.js"
import { event } from "./support.js"

export interface Call {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly payload: Payload
}

/** What a webhook answers: a status, nothing at all, or an error before it is reached. */
export type Reply = number | "silence" | "unreachable"

export interface Stage {
  /** All that were made, in order; `reply` says what the next ones are answered. */
  readonly calls: Array<Call>
  reply: (url: string) => Reply
  /** Between what a rule reads and what it writes. */
  pause: Effect.Effect<void>
  readonly rules: Effect.Effect<ReadonlyArray<Rules.Kept>>
  readonly add: (given: Partial<Rule.Given>, sign?: boolean) => Effect.Effect<{ id: string; secret: string | null }>
  readonly remove: (id: string) => Effect.Effect<void>
  readonly post: (...events: ReadonlyArray<Record<string, unknown>>) => Effect.Effect<void>
  readonly look: Effect.Effect<void>
  readonly deliver: Effect.Effect<void>
  readonly counters: Counters.Service
  readonly use: <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient | Alerts | Webhooks>) => Effect.Effect<A, E>
}

export const hook = "https://hooks.example/T0/secret-in-the-path"

const clientOf = (calls: Array<Call>, reply: (url: string) => Reply): HttpClient.HttpClient =>
  HttpClient.make((request) => {
    const { body } = request
    const text = body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : ""
    calls.push({ url: request.url, headers: request.headers, text, payload: JSON.parse(text) })
    const status = reply(request.url)
    return status === "silence"
      ? Effect.never
      : status === "unreachable"
      ? new HttpClientError.RequestError({
        request,
        reason: "Transport",
        cause: Object.assign(new Error(`connect to ${request.url}`), { code: "ECONNREFUSED" })
      })
      : Effect.succeed(
        HttpClientResponse.fromWeb(
          request,
          new Response(status === 204 ? null : "an answer that is not read", { status })
        )
      )
  })

const layerInsights = (pause: Effect.Effect<void>) =>
  Layer.effect(
    Insights,
    Effect.map(InsightsSql.make, (insights) =>
      Insights.of({ ...insights, volume: (scope) => Effect.zipLeft(insights.volume(scope), pause) }))
  )

const layerOn = (database: string, client: HttpClient.HttpClient, pause: Effect.Effect<void>) =>
  layerAlerts.pipe(
    Layer.provideMerge(Layer.mergeAll(layerInsights(pause), Ingest.layer, layerWebhooks)),
    Layer.provideMerge(Rollups.layer),
    Layer.provideMerge(Counters.layer),
    Layer.provideMerge(layerDatabase(database)),
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
  )

/** A runner of alerts on a database, without a server and without loops: it looks and delivers when it is told to. */
export const stage = (database: string): Effect.Effect<Stage, never, Scope.Scope> =>
  Effect.gen(function*() {
    const calls: Array<Call> = []
    const client = clientOf(calls, (url) => made.reply(url))
    const context = yield* Effect.orDie(Layer.build(layerOn(database, client, Effect.suspend(() => made.pause))))
    const use: Stage["use"] = (effect) => Effect.provide(effect, context)
    const made: Stage = {
      calls,
      reply: () => 200,
      pause: Effect.void,
      rules: Effect.orDie(use(Rules.all)),
      add: (given, sign = false) =>
        Effect.orDie(
          Effect.flatMap(Rule.make({ kind: "events", url: hook, ...given }), (rule) => use(Rules.add(rule, { sign })))
        ),
      remove: (id) => Effect.orDie(use(Rules.remove(id))),
      post: (...events) =>
        Effect.orDie(Effect.gen(function*() {
          const now = yield* Clock.currentTimeMillis
          const dated = events.map((changes) => event({ timestamp: now, ...changes }))
          yield* Context.get(context, Ingest.Ingest).batch(dated, null)
        })),
      look: Effect.orDie(Context.get(context, Alerts).run),
      deliver: Effect.orDie(Context.get(context, Webhooks).run),
      counters: Context.get(context, Counters.Counters),
      use
    }
    return made
  })

export const problemOf = (given: Partial<Rule.Given>): string =>
  Either.match(Rule.make({ kind: "events", url: hook, ...given }), {
    onLeft: ({ message }) => message,
    onRight: () => "no problem"
  })
