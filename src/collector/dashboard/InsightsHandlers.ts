/**
 * `GET /v1/insights/…`: what the dashboard shows, for programs, by key or by who is signed in.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Http from "node:http"
import * as Access from "../Access.js"
import { Api } from "../Api.js"
import { timeOf } from "../Handlers.js"
import { Insights, type Scope } from "../Insights.js"
import * as Keys from "../Keys.js"
import * as Limits from "../Limits.js"
import * as Period from "../Period.js"
import * as Problem from "../Problem.js"
import { answer, json, sourceOf } from "../Respond.js"
import { type Answer, answers, csv } from "./Answers.js"
import * as Cookie from "./Cookie.js"
import { SignIns } from "./SignIns.js"

/** Of the range, when `from` is not said. */
const usualDays = 30

/**
 * @since 0.1.0
 * @category handlers
 */
export const insights = HttpApiBuilder.group(Api, "insights", (handlers) =>
  Effect.gen(function*() {
    const keys = yield* Keys.Keys
    const signIns = yield* SignIns
    const service = yield* Insights

    const allowed = (source: Http.IncomingMessage) =>
      source.headers["x-api-key"] !== undefined
        ? Access.authorize(keys, Access.keyOf(source), ["read", "admin"])
        : Effect.flatMap(
          signIns.principal(Cookie.read(source)),
          (principal) => principal === null ? Effect.fail(Problem.unauthorized) : Effect.succeed(principal)
        )

    return handlers.handleRaw("insights", (request) =>
      answer(Effect.gen(function*() {
        const principal = yield* allowed(sourceOf(request))
        const { app, format, from, interval, to, version, ...params } = request.urlParams
        if (Object.values(request.urlParams).some((text) => text?.includes("\u0000") ?? false)) {
          return yield* Problem.malformed("A parameter holds a character that no name has")
        }
        if (principal.app !== null && app !== undefined && app !== principal.app) {
          return yield* Problem.forbidden("read for that application")
        }
        const until = (yield* timeOf("to", to)) ?? (yield* Clock.currentTimeMillis)
        const by = interval ?? "day"
        const scope: Scope = {
          from: Period.startOf(by, (yield* timeOf("from", from)) ?? until - usualDays * Period.dayMillis),
          to: Period.endOf(by, until - 1),
          interval: by,
          app: principal.app ?? app,
          version
        }
        if (scope.from >= scope.to) return yield* Problem.malformed("from must be before to")
        if ((scope.to - scope.from) / Period.hourMillis > Limits.maxInsightHours) {
          return yield* Problem.malformed("from and to may be ten years apart")
        }
        const { name } = request.path
        const found: Answer = answers[name]
        const asked = found.rows(service, scope, params)
        if (asked === null) return yield* Problem.malformed("A parameter is missing or not valid; see /docs")
        const rows = yield* asked
        return format === "csv"
          ? HttpServerResponse.text(csv(found.columns, rows), {
            contentType: "text/csv; charset=utf-8",
            headers: { "content-disposition": `attachment; filename="${name}.csv"` }
          })
          : json({
            name,
            from: new Date(scope.from).toISOString(),
            to: new Date(scope.to).toISOString(),
            interval: scope.interval,
            rows
          })
      })))
  }))
