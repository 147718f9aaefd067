/**
 * What each route does. Every failure becomes an answer here or in {@link Server}: none carries a value the client sent,
 * a path, a statement or a stack.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import type * as Http from "node:http"
import { ErasureRequest } from "../submission/Contract.js"
import * as Access from "./Access.js"
import { Api } from "./Api.js"
import * as Body from "./Body.js"
import * as Counters from "./Counters.js"
import * as Cookie from "./dashboard/Cookie.js"
import { SignIns } from "./dashboard/SignIns.js"
import { Erasure } from "./Erasure.js"
import { EventIntake } from "./EventIntake.js"
import * as InsightHandlers from "./InsightHandlers.js"
import { Insights } from "./Insights.js"
import { Jobs } from "./Jobs.js"
import * as Keys from "./Keys.js"
import * as Limits from "./Limits.js"
import * as Metrics from "./Metrics.js"
import * as Problem from "./Problem.js"
import * as Respond from "./Respond.js"
import type { Query } from "./RollupQuery.js"
import { Rollups } from "./Rollups.js"
import { Settings } from "./Settings.js"
import { timeOf } from "./Time.js"

const { answer, json, refuse, sourceOf } = Respond

/**
 * @since 0.1.0
 * @category handlers
 */
export const events = HttpApiBuilder.group(Api, "events", (handlers) =>
  Effect.gen(function*() {
    const intake = yield* EventIntake
    const keys = yield* Keys.Keys
    const erasure = yield* Erasure
    const limits = yield* Limits.CollectorLimits
    const counters = yield* Counters.Counters
    const settings = yield* Settings

    return handlers
      .handleRaw("ingest", (request) => intake.receive(sourceOf(request)))
      .handleRaw("ping", () => Effect.succeed(json({ ok: true })))
      .handleRaw("info", (request) =>
        answer(Effect.as(
          Access.authenticate(keys, Access.keyOf(sourceOf(request))),
          json({
            name: "effect-telemetry",
            version: settings.version,
            maxBatchEvents: Math.min(limits.maxBatchEvents, limits.eventsPerMinute),
            maxBodyBytes: limits.maxBodyBytes,
            acceptsGzip: true,
            schemaVersions: [1]
          })
        )))
      .handleRaw("erasure", (request) => {
        const source = sourceOf(request)
        if (Body.mediaType(source) !== "application/json") {
          return answer(refuse(source, Problem.unsupported("Content-Type must be application/json")))
        }
        return answer(Body.holding(
          counters,
          Effect.fnUntraced(function*(hold) {
            const principal = yield* Access.sender(keys, source)
            const erase = yield* Effect.mapError(
              Effect.flatMap(
                Effect.flatMap(Body.bytesOfText(source, { limits, counters, hold, isKnown: true }), (body) =>
                  Body.parseObject(body)),
                ParseResult.decodeUnknown(ErasureRequest)
              ),
              (error) =>
                error._tag === "Problem"
                  ? error
                  : Problem.malformed("requestId must be a UUID, and installationId and sessionIds UUIDs where present")
            )
            const named = (erase.installationId === undefined ? 0 : 1) + (erase.sessionIds?.length ?? 0)
            if (named === 0) {
              return yield* Problem.malformed("installationId or sessionIds must name someone")
            }
            if (named > Limits.maxErasureSessions) {
              return yield* Problem.tooLarge(`A request may name ${Limits.maxErasureSessions} sessions`)
            }
            yield* erasure.request(erase, principal.app)
            return json({ requestId: erase.requestId, status: "accepted" }, 202)
          })
        ))
      })
  }))

/**
 * @since 0.1.0
 * @category handlers
 */
export const rollups = HttpApiBuilder.group(Api, "rollups", (handlers) =>
  Effect.gen(function*() {
    const keys = yield* Keys.Keys
    const rollups = yield* Rollups
    const insights = yield* Insights
    const signIns = yield* SignIns
    const byKey = (source: Http.IncomingMessage) => Access.authorize(keys, Access.keyOf(source), ["read", "admin"])
    /** By key, or as who is signed in to the dashboard: its links to the same figures are followed by a browser. */
    const reader = (source: Http.IncomingMessage) =>
      source.headers["x-api-key"] !== undefined
        ? byKey(source)
        : Effect.flatMap(
          signIns.principal(Cookie.read(source)),
          (principal) => principal === null ? byKey(source) : Effect.succeed(principal)
        )
    return handlers.handleRaw("insight", (request) =>
      answer(
        Effect.flatMap(
          reader(sourceOf(request)),
          (principal) => InsightHandlers.answer(insights, principal, request.path.name, request.urlParams)
        )
      )).handleRaw("query", (request) =>
        answer(Effect.gen(function*() {
          const principal = yield* reader(sourceOf(request))
          const { from, to, ...rest } = request.urlParams
          if (Object.values(rest).some((text) => text?.includes("\u0000") ?? false)) {
            return yield* Problem.malformed("A parameter holds a character that no name has")
          }
          if (principal.app !== null && rest.app !== undefined && rest.app !== principal.app) {
            return yield* Problem.forbidden("read for that application")
          }
          const query: Query = {
            ...rest,
            app: principal.app ?? rest.app,
            from: yield* timeOf("from", from),
            to: yield* timeOf("to", to)
          }
          const rows = yield* rollups.query(query)
          if (rows === null) return yield* Problem.malformed("Too many rows; narrow from and to, or name an eventType")
          return json({ interval: query.interval, rows })
        })))
  }))

/**
 * @since 0.1.0
 * @category handlers
 */
export const health = HttpApiBuilder.group(Api, "health", (handlers) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const keys = yield* Keys.Keys
    const jobs = yield* Jobs
    const metrics = yield* Metrics.make
    const settings = yield* Settings
    const checks = (database: "ok" | "unavailable") => ({ database, jobs: jobs.runner })
    return handlers
      .handleRaw("live", () => Effect.succeed(json({ status: "ok", checks: { jobs: jobs.runner } })))
      .handleRaw("ready", () =>
        Effect.match(sql`SELECT count(*) AS n FROM api_keys`, {
          onFailure: () => json({ status: "unavailable", checks: checks("unavailable") }, 503),
          onSuccess: () => json({ status: "ok", checks: checks("ok") })
        }))
      .handleRaw("metrics", (request) => {
        const source = sourceOf(request)
        const allowed = Access.isLocal(source, settings.host)
          ? Effect.void
          : Access.authorize(keys, Access.keyOf(source), ["admin"])
        return answer(Effect.map(Effect.zipRight(allowed, metrics), (text) =>
          HttpServerResponse.text(text, { contentType: "text/plain; version=0.0.4; charset=utf-8" })))
      })
  }))
