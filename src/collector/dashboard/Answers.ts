/**
 * What the dashboard shows, by name, as rows of plain values: the query API answers with it as JSON and CSV.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Csv from "../../web/Csv.js"
import type { Facet, Scope, Service } from "../Insights.js"
import * as State from "./State.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Cell = string | number | null | ReadonlyArray<number>

/**
 * @since 0.1.0
 * @category models
 */
export type Row = Readonly<Record<string, Cell | undefined>>

/**
 * What an answer needs besides the scope.
 *
 * @since 0.1.0
 * @category models
 */
export interface Params {
  readonly eventType?: string | undefined
  readonly dimension?: string | undefined
  readonly facet?: string | undefined
  readonly s1?: string | undefined
  readonly s2?: string | undefined
  readonly s3?: string | undefined
  readonly s4?: string | undefined
  readonly s5?: string | undefined
  readonly s6?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly columns: ReadonlyArray<string>
  /** Null: a parameter is missing. */
  readonly rows: (
    insights: Service,
    scope: Scope,
    params: Params
  ) => Effect.Effect<ReadonlyArray<Row>, SqlError> | null
}

const iso = (time: number): string => new Date(time).toISOString()

const facets: Readonly<Record<string, Facet>> = {
  version: "version",
  os: "os",
  arch: "arch",
  runtime: "runtime",
  runtimeVersion: "runtimeVersion",
  memoryClass: "memoryClass"
}

const people = ["sessions", "installations"]

/** Error groups of an export. */
const mostGroups = 1_000

/**
 * @since 0.1.0
 * @category constants
 */
export const answers = {
  volume: {
    columns: ["bucket", "eventType", "count", "errors"],
    rows: (insights, scope) =>
      Effect.map(insights.volume(scope), (rows) => rows.map((row) => ({ ...row, bucket: iso(row.bucket) })))
  },
  active: {
    columns: ["bucket", ...people],
    rows: (insights, scope) =>
      Effect.map(insights.active(scope), (rows) => rows.map((row) => ({ ...row, bucket: iso(row.bucket) })))
  },
  "active-in-all": {
    columns: people,
    rows: (insights, scope) => Effect.map(insights.activeInAll(scope), (row) => [{ ...row }])
  },
  facet: {
    columns: ["value", "count", "errors", ...people],
    rows: (insights, scope, { facet = "" }) => {
      const known = Object.hasOwn(facets, facet) ? facets[facet] : undefined
      return known === undefined
        ? null
        : Effect.map(insights.facet(scope, known), (rows) => rows.map((row) => ({ ...row })))
    }
  },
  dimensions: {
    columns: ["value", "count", "errors", ...people, "p50", "p75", "p95", "p99"],
    rows: (insights, scope, { eventType }) =>
      eventType === undefined
        ? null
        : Effect.map(insights.dimensions(scope, eventType), (rows) => rows.map((row) => ({ ...row })))
  },
  latency: {
    columns: ["bucket", "count", "p50", "p95", "p99"],
    rows: (insights, scope, { dimension, eventType }) =>
      eventType === undefined
        ? null
        : Effect.map(insights.latency(scope, { eventType, dimension }), (rows) =>
          rows.map((row) => ({ ...row, bucket: iso(row.bucket) })))
  },
  errors: {
    columns: [
      "fingerprint",
      "app",
      "errorType",
      "message",
      "severity",
      "category",
      "count",
      ...people,
      "firstSeen",
      "lastSeen",
      "firstVersion",
      "trend"
    ],
    rows: (insights, scope) =>
      Effect.map(
        insights.errorGroups(scope, mostGroups),
        (rows) => rows.map((row) => ({ ...row, firstSeen: iso(row.firstSeen), lastSeen: iso(row.lastSeen) }))
      )
  },
  conversations: {
    columns: ["started", "completed", "completionRate", "meanMessages", "meanMessageLength"],
    rows: (insights, scope) => Effect.map(insights.conversations(scope), (row) => [{ ...row }])
  },
  suggestions: {
    columns: ["suggestionType", "shown", "accepted", "dismissed", "acceptanceRate", "meanTimeToInteract"],
    rows: (insights, scope) => Effect.map(insights.suggestions(scope), (rows) => rows.map((row) => ({ ...row })))
  },
  vitals: {
    columns: ["metric", "count", "p75", "good", "needsImprovement", "poor"],
    rows: (insights, scope) => Effect.map(insights.vitals(scope), (rows) => rows.map((row) => ({ ...row })))
  },
  ingest: {
    columns: ["bucket", "accepted", "duplicates", "rejected"],
    rows: (insights, scope) =>
      Effect.map(insights.ingest(scope), (rows) => rows.map((row) => ({ ...row, bucket: iso(row.bucket) })))
  },
  losses: {
    columns: ["where", "reason", "count"],
    rows: (insights, scope) => Effect.map(insights.losses(scope), (rows) => rows.map((row) => ({ ...row })))
  },
  releases: {
    columns: ["app", "version", "firstSeen"],
    rows: (insights, scope) =>
      Effect.map(insights.releases(scope), (rows) => rows.map((row) => ({ ...row, firstSeen: iso(row.firstSeen) })))
  },
  funnel: {
    columns: ["eventType", "dimension", "sessions"],
    rows: (insights, scope, params) => {
      const given: Readonly<Record<string, string | undefined>> = { ...params }
      const steps = State.steps((name) => given[name])
      return steps.length === 0
        ? null
        : Effect.map(insights.funnel(scope, steps), (rows) => rows.map((row) => ({ ...row })))
    }
  },
  retention: {
    columns: ["week", "size", "active"],
    rows: (insights, scope) =>
      Effect.map(insights.retention(scope), (rows) => rows.map((row) => ({ ...row, week: iso(row.week) })))
  }
} satisfies Readonly<Record<string, Answer>>

/**
 * @since 0.1.0
 * @category models
 */
export type Name = keyof typeof answers

const text = (cell: Cell | undefined): string =>
  cell === null || cell === undefined
    ? ""
    : typeof cell === "string"
    ? Csv.field(cell)
    : typeof cell === "number"
    ? String(cell)
    : cell.join(" ")

/**
 * @since 0.1.0
 * @category conversions
 */
export const csv = (columns: ReadonlyArray<string>, rows: ReadonlyArray<Row>): string =>
  [columns.join(","), ...rows.map((row) => columns.map((column) => text(row[column])).join(","))].join("\r\n") + "\r\n"
