/**
 * The HTTP interface as a value: routes and OpenAPI document come from it.
 *
 * @since 0.1.0
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import * as Contract from "../submission/Contract.js"
import { queries } from "./InsightQueries.js"

const Problem = Contract.ErrorBody

/**
 * @since 0.1.0
 * @category schemas
 */
export const RollupParams = Schema.Struct({
  interval: Schema.Literal("hour", "day", "week", "month"),
  from: Schema.optional(Schema.String),
  to: Schema.optional(Schema.String),
  app: Schema.optional(Schema.String),
  eventType: Schema.optional(Schema.String),
  dimension: Schema.optional(Schema.String),
  metric: Schema.optional(Schema.String)
})

const optionalNumber = Schema.optional(Schema.Number)

/**
 * @since 0.1.0
 * @category schemas
 */
export const RollupAnswer = Schema.Struct({
  interval: RollupParams.fields.interval,
  rows: Schema.Array(Schema.Struct({
    bucket: Schema.String,
    eventType: Schema.String,
    dimension: Schema.optional(Schema.String),
    count: Schema.Number,
    sessions: Schema.Number,
    installations: Schema.Number,
    sum: optionalNumber,
    min: optionalNumber,
    max: optionalNumber,
    p50: optionalNumber,
    p95: optionalNumber,
    p99: optionalNumber
  }))
}).annotations({ identifier: "RollupAnswer" })

const name = Schema.Literal(...Object.keys(queries))

/**
 * @since 0.1.0
 * @category schemas
 */
export const InsightParams = Schema.Struct({
  from: Schema.optional(Schema.String),
  to: Schema.optional(Schema.String),
  interval: Schema.optional(RollupParams.fields.interval),
  app: Schema.optional(Schema.String),
  version: Schema.optional(Schema.String),
  eventType: Schema.optional(Schema.String),
  dimension: Schema.optional(Schema.String),
  step: Schema.optional(Schema.Union(Schema.String, Schema.Array(Schema.String))),
  format: Schema.optional(Schema.Literal("json", "csv"))
})

/**
 * @since 0.1.0
 * @category schemas
 */
export const InsightAnswer = Schema.Struct({
  name: Schema.String,
  from: Schema.String,
  to: Schema.String,
  interval: RollupParams.fields.interval,
  rows: Schema.Array(
    Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Number, Schema.Null) })
  )
}).annotations({ identifier: "InsightAnswer" })

const Health = Schema.Struct({
  status: Schema.Literal("ok", "unavailable"),
  checks: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
}).annotations({ identifier: "Health" })

const events = HttpApiGroup.make("events")
  .add(
    HttpApiEndpoint.post("ingest", "/v1/events")
      .setPayload(Contract.SubmitRequest)
      .addSuccess(Contract.SubmitAnswer)
      .addError(Problem, { status: 400 })
      .addError(Problem, { status: 401 })
      .addError(Problem, { status: 403 })
      .addError(Problem, { status: 413 })
      .addError(Problem, { status: 415 })
      .addError(Problem, { status: 429 })
      .addError(Problem, { status: 503 })
      .annotate(OpenApi.Description, "Submit a batch of events. Idempotent by event id; gzip is understood.")
  )
  .add(
    HttpApiEndpoint.get("ping", "/v1/events/ping")
      .addSuccess(Contract.PingAnswer)
      .annotate(OpenApi.Description, "Is the collector there?")
  )
  .add(
    HttpApiEndpoint.get("info", "/v1/events/info")
      .addSuccess(Contract.ServerInfo)
      .addError(Problem, { status: 401 })
      .annotate(OpenApi.Description, "What the collector accepts. Any valid key.")
  )
  .add(
    HttpApiEndpoint.post("erasure", "/v1/events/erasure")
      .setPayload(Contract.ErasureRequest)
      .addSuccess(Contract.ErasureAnswer, { status: 202 })
      .addError(Problem, { status: 400 })
      .addError(Problem, { status: 401 })
      .addError(Problem, { status: 403 })
      .addError(Problem, { status: 503 })
      .annotate(OpenApi.Description, "Erase what came from an installation or from sessions.")
  )

const otlp = HttpApiGroup.make("otlp").add(
  HttpApiEndpoint.post("logs", "/v1/logs")
    .setPayload(Schema.Struct({ resourceLogs: Schema.optional(Schema.Array(Schema.Unknown)) }))
    .addSuccess(
      Schema.Struct({
        partialSuccess: Schema.optional(
          Schema.Struct({ rejectedLogRecords: Schema.String, errorMessage: Schema.String })
        )
      }).annotations({ identifier: "ExportLogsServiceResponse" })
    )
    .addError(Problem, { status: 400 })
    .addError(Problem, { status: 401 })
    .addError(Problem, { status: 403 })
    .addError(Problem, { status: 413 })
    .addError(Problem, { status: 415 })
    .addError(Problem, { status: 429 })
    .addError(Problem, { status: 503 })
    .annotate(OpenApi.Description, "Log records of OTLP/HTTP in JSON, stored as events. gzip is understood.")
)

const rollups = HttpApiGroup.make("rollups").add(
  HttpApiEndpoint.get("query", "/v1/rollups")
    .setUrlParams(RollupParams)
    .addSuccess(RollupAnswer)
    .addError(Problem, { status: 400 })
    .addError(Problem, { status: 401 })
    .addError(Problem, { status: 403 })
    .addError(Problem, { status: 503 })
    .annotate(
      OpenApi.Description,
      "Counts, exact uniques and percentiles. `from` and `to` are ISO 8601 or milliseconds; `dimension` is the name of a " +
        "dimension (or *) for a row a value, or one value."
    )
).add(
  HttpApiEndpoint.get("insight", "/v1/insights/:name")
    .setPath(Schema.Struct({ name }))
    .setUrlParams(InsightParams)
    .addSuccess(InsightAnswer)
    .addError(Problem, { status: 400 })
    .addError(Problem, { status: 401 })
    .addError(Problem, { status: 403 })
    .addError(Problem, { status: 503 })
    .annotate(
      OpenApi.Description,
      "What the dashboard shows, as JSON, or as CSV with format=csv. Without from and to: the last 30 days. " +
        Object.entries(queries).map(([name, { description }]) => `${name}: ${description}.`).join(" ")
    )
)

const health = HttpApiGroup.make("health")
  .add(
    HttpApiEndpoint.get("live", "/healthz").addSuccess(Health).annotate(OpenApi.Description, "Is the process alive?")
  )
  .add(
    HttpApiEndpoint.get("ready", "/readyz").addSuccess(Health).addError(Health, { status: 503 })
      .annotate(OpenApi.Description, "Is storage there?")
  )
  .add(
    HttpApiEndpoint.get("metrics", "/metrics").addSuccess(Schema.String)
      .addError(Problem, { status: 401 })
      .addError(Problem, { status: 403 })
      .annotate(OpenApi.Description, "Prometheus text. Admin key, except on a loopback interface without a proxy.")
  )

/**
 * @since 0.1.0
 * @category api
 */
export const Api = HttpApi.make("collector")
  .add(events)
  .add(otlp)
  .add(rollups)
  .add(health)
  .annotate(OpenApi.Title, "effect-telemetry collector")
  .annotate(OpenApi.Version, "1")
  .annotate(OpenApi.Transform, (spec) => ({
    ...spec,
    components: {
      ...Object(spec["components"]),
      securitySchemes: { key: { type: "apiKey", in: "header", name: "X-API-Key" } }
    },
    security: [{ key: [] }]
  }))
