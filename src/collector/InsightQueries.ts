/**
 * Every question to {@link Insights} by its name, and its answer as a table: one for the query API, its CSV and the pages.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Csv from "../web/Csv.js"
import type { Facet, Scope, Service, Step } from "./Insights.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Value = string | number | null

/**
 * @since 0.1.0
 * @category models
 */
export interface Table {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<Readonly<Record<string, Value>>>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Params extends Scope {
  readonly eventType?: string | undefined
  readonly dimension?: string | undefined
  /** Of a funnel. */
  readonly steps?: ReadonlyArray<Step> | undefined
}

/**
 * Error groups of one answer.
 *
 * @since 0.1.0
 * @category constants
 */
export const mostGroups = 500

const iso = (time: number): string => new Date(time).toISOString().replace(".000Z", "Z")

const times = new Set(["bucket", "firstSeen", "lastSeen", "week"])

const valueOf = (name: string, value: unknown): Value =>
  typeof value === "number"
    ? times.has(name) ? iso(value) : value
    : Array.isArray(value)
    ? value.join(" ")
    : typeof value === "string"
    ? value
    : null

const table = (columns: ReadonlyArray<string>, answers: ReadonlyArray<object>): Table => ({
  columns,
  rows: answers.map((answer) => {
    const values = new Map(Object.entries(answer))
    return Object.fromEntries(columns.map((name) => [name, valueOf(name, values.get(name))]))
  })
})

interface Query {
  readonly description: string
  readonly columns: ReadonlyArray<string>
  readonly run: (insights: Service, params: Params) => Effect.Effect<ReadonlyArray<object>, SqlError>
}

const active = ["sessions", "installations"]

const share = ["value", "count", "errors", ...active]

const facet = (name: Facet, description: string): Query => ({
  description,
  columns: share,
  run: (insights, params) => insights.facet(params, name)
})

/**
 * @since 0.1.0
 * @category constants
 */
export const queries = {
  volume: {
    description: "Events by type and period, or those of eventType",
    columns: ["bucket", "eventType", "count", "errors"],
    run: (insights, params) =>
      Effect.map(
        insights.volume(params),
        (rows) => params.eventType === undefined ? rows : rows.filter(({ eventType }) => eventType === params.eventType)
      )
  },
  active: {
    description: "Sessions and installations by period, each once a period",
    columns: ["bucket", ...active],
    run: (insights, params) => insights.active(params)
  },
  "active-in-all": {
    description: "Sessions and installations of the whole range, each once",
    columns: active,
    run: (insights, params) => Effect.map(insights.activeInAll(params), (one) => [one])
  },
  dimensions: {
    description: "The values of a type's dimension; eventType names the type",
    columns: [...share, "p50", "p75", "p95", "p99"],
    run: (insights, params) => insights.dimensions(params, params.eventType ?? "feature_used")
  },
  latency: {
    description: "Percentiles by period of eventType, or of one value of its dimension",
    columns: ["bucket", "count", "p50", "p95", "p99"],
    run: (insights, params) =>
      insights.latency(params, { eventType: params.eventType ?? "command_executed", dimension: params.dimension })
  },
  errors: {
    description: "Error groups, most frequent first; trend holds the counts of all periods",
    columns: [
      "app",
      "fingerprint",
      "errorType",
      "message",
      "severity",
      "category",
      "count",
      ...active,
      "firstSeen",
      "lastSeen",
      "firstVersion",
      "trend"
    ],
    run: (insights, params) => insights.errorGroups(params, mostGroups)
  },
  versions: facet("version", "Events by version of the application"),
  os: facet("os", "Environments by operating system"),
  arch: facet("arch", "Environments by processor architecture"),
  runtime: facet("runtime", "Environments by runtime"),
  "runtime-version": facet("runtimeVersion", "Environments by version of the runtime"),
  memory: facet("memoryClass", "Environments by class of memory"),
  conversations: {
    description: "How many conversations were started and completed, and how long those were",
    columns: ["started", "completed", "completionRate", "meanMessages", "meanMessageLength"],
    run: (insights, params) => Effect.map(insights.conversations(params), (one) => [one])
  },
  suggestions: {
    description: "What became of suggestions, by type",
    columns: ["suggestionType", "shown", "accepted", "dismissed", "acceptanceRate", "meanTimeToInteract"],
    run: (insights, params) => insights.suggestions(params)
  },
  vitals: {
    description: "Web Vitals: the 75th percentile and how many were rated good, needing improvement and poor",
    columns: ["metric", "count", "p75", "good", "needsImprovement", "poor"],
    run: (insights, params) => insights.vitals(params)
  },
  ingest: {
    description: "Events by the time of receipt: accepted, seen before, refused",
    columns: ["bucket", "accepted", "duplicates", "rejected"],
    run: (insights, params) => insights.ingest(params)
  },
  losses: {
    description: "Events that were not kept, here or in the programs that recorded them",
    columns: ["where", "reason", "count"],
    run: (insights, params) => insights.losses(params)
  },
  releases: {
    description: "Versions that were first seen in the range",
    columns: ["app", "version", "firstSeen"],
    run: (insights, params) => insights.releases(params)
  },
  funnel: {
    description: "Sessions that came through each step in order; step is given several times, as TYPE or TYPE:VALUE",
    columns: ["eventType", "dimension", "sessions"],
    run: (insights, params) => insights.funnel(params, params.steps ?? [])
  },
  retention: {
    description:
      "Installations by the week they were first seen in; active holds how many came in that and each later week",
    columns: ["week", "size", "active"],
    run: (insights, params) => insights.retention(params)
  }
} satisfies Readonly<Record<string, Query>>

/**
 * @since 0.1.0
 * @category models
 */
export type Name = keyof typeof queries

/**
 * @since 0.1.0
 * @category predicates
 */
export const isName = (name: string): name is Name => Object.hasOwn(queries, name)

const byVersion: ReadonlySet<Name> = new Set<Name>(["volume", "active", "active-in-all", "latency"])

/**
 * Is the answer of the version that is asked for? Others are kept of all versions together.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isByVersion = (name: Name, params: Readonly<Record<string, unknown>>): boolean =>
  byVersion.has(name) && params["dimension"] === undefined

/**
 * @since 0.1.0
 * @category combinators
 */
export const run = (insights: Service, name: Name, params: Params): Effect.Effect<Table, SqlError> =>
  Effect.map(queries[name].run(insights, params), (answers) => table(queries[name].columns, answers))

/**
 * @since 0.1.0
 * @category conversions
 */
export const toCsv = ({ columns, rows }: Table): string =>
  [columns, ...rows.map((row) => columns.map((name) => String(row[name] ?? "")))].map((values) =>
    Csv.line(values) + "\r\n"
  ).join("")

/**
 * `TYPE` or `TYPE:VALUE`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const stepOf = (text: string): Step => {
  const at = text.indexOf(":")
  return at < 0 ? { eventType: text } : { eventType: text.slice(0, at), dimension: text.slice(at + 1) }
}
