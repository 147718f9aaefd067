/**
 * `GET /v1/insights/{name}`.
 *
 * @since 0.1.0
 */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { InsightParams } from "./Api.js"
import * as InsightQueries from "./InsightQueries.js"
import type { Service } from "./Insights.js"
import type { Principal } from "./Keys.js"
import * as Period from "./Period.js"
import * as Problem from "./Problem.js"
import * as Respond from "./Respond.js"
import { timeOf } from "./Time.js"

/** Buckets of one answer. */
const mostBuckets = 3_000

const defaultDays = 30

const iso = (time: number): string => new Date(time).toISOString().replace(".000Z", "Z")

const stepsOf = (step: typeof InsightParams.Type["step"]) =>
  (step === undefined ? [] : typeof step === "string" ? [step] : step).slice(0, 8).map(InsightQueries.stepOf)

const hasNull = (params: object): boolean =>
  Object.values(params).flat().some((text) => typeof text === "string" && text.includes("\u0000"))

/**
 * @since 0.1.0
 * @category handlers
 */
export const answer = Effect.fnUntraced(function*(
  insights: Service,
  principal: Principal,
  name: string,
  params: typeof InsightParams.Type
): Effect.fn.Return<HttpServerResponse.HttpServerResponse, Problem.Problem | SqlError> {
  if (!InsightQueries.isName(name)) return yield* Problem.notFound
  if (hasNull(params)) return yield* Problem.malformed("A parameter holds a character that no name has")
  if (principal.app !== null && params.app !== undefined && params.app !== principal.app) {
    return yield* Problem.forbidden("read for that application")
  }
  const now = yield* Clock.currentTimeMillis
  const to = (yield* timeOf("to", params.to)) ?? now
  const from = (yield* timeOf("from", params.from)) ?? to - defaultDays * Period.dayMillis
  const interval = params.interval ?? "day"
  if (from >= to) return yield* Problem.malformed("from must be before to")
  if ((to - from) / Period.hourMillis > mostBuckets * (interval === "hour" ? 1 : 24)) {
    return yield* Problem.malformed("Too many periods; narrow from and to, or take a longer interval")
  }
  const { dimension, eventType, version } = params
  const table = yield* InsightQueries.run(insights, name, {
    from,
    to,
    interval,
    app: principal.app ?? params.app,
    version,
    eventType,
    dimension,
    steps: stepsOf(params.step)
  })
  return params.format === "csv"
    ? HttpServerResponse.text(InsightQueries.toCsv(table), {
      contentType: "text/csv; charset=utf-8",
      headers: { "content-disposition": `attachment; filename="${name}.csv"` }
    })
    : Respond.json({ name, from: iso(from), to: iso(to), interval, rows: table.rows })
})
