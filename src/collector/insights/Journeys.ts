/**
 * Who went on and who came back: funnels over sessions, and installations by the week they first came in.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Num from "effect/Number"
import type * as Dialect from "../Dialect.js"
import type { Cohort, FunnelStep, Scope, Step } from "../Insights.js"
import * as Period from "../Period.js"
import * as RollupSeries from "../RollupSeries.js"
import { weeksBetween } from "../RollupUniques.js"
import type { Session } from "../Transaction.js"
import * as Range from "./Range.js"
import * as Totals from "./Totals.js"

const seriesOf = (
  session: Session,
  name: { readonly app: string; readonly type: string; readonly facet: string; readonly value: string }
): Effect.Effect<number | null, SqlError> =>
  Effect.map(
    session.rows(
      session.dialect.text("SELECT id FROM series WHERE app = ? AND type = ? AND facet = ? AND value = ?"),
      [name.app, name.type, name.facet, name.value]
    ),
    ([row]) => row === undefined ? null : Number(row.id)
  )

const firstSeen = (step: number, { day, series }: Dialect.SubjectDay): string =>
  `s${step} AS (SELECT subject, min(at) AS at FROM subject_day
    WHERE ${series("series")} = ? AND kind = 0 AND ${day("day")} >= ? AND ${day("day")} <= ? GROUP BY subject)`

const cameTo = (step: number): string =>
  step === 0
    ? "SELECT subject, at FROM s0"
    : `SELECT r.subject AS subject, s.at AS at FROM r${
      step - 1
    } r JOIN s${step} s ON s.subject = r.subject AND s.at >= r.at`

const text = (steps: number, columns: Dialect.SubjectDay): string => {
  const numbers = Array.from({ length: steps }, (_, step) => step)
  const tables = numbers.flatMap((step) => [firstSeen(step, columns), `r${step} AS (${cameTo(step)})`])
  return `WITH ${tables.join(", ")} SELECT ${
    numbers.map((step) => `(SELECT count(*) FROM r${step}) AS n${step}`).join(", ")
  }`
}

/** Every application, where none is chosen: sessions and installations are an application's. */
const appsOf = (session: Session, { app }: Scope): Effect.Effect<ReadonlyArray<string>, SqlError> =>
  app === undefined ? Totals.apps(session) : Effect.succeed([app])

const funnelIn = Effect.fnUntraced(function*(
  session: Session,
  scope: Scope,
  steps: ReadonlyArray<Step>,
  app: string
): Effect.fn.Return<ReadonlyArray<number>, SqlError> {
  const [first, last] = Range.days(Range.of(scope))
  const ids: Array<number> = []
  for (const { dimension, eventType: type } of steps) {
    const id = yield* seriesOf(session, {
      app,
      type,
      facet: dimension === undefined ? "" : RollupSeries.dimension,
      value: dimension ?? ""
    })
    if (id === null) break
    ids.push(id)
  }
  if (ids.length === 0) return []
  const { byDay, bySubject } = session.dialect
  const columns = last - first >= Totals.longDays ? bySubject : byDay
  const [row] = yield* session.rows(
    session.dialect.text(text(ids.length, columns)),
    ids.flatMap((id) => [id, first, last])
  )
  return ids.map((_, i) => Number(row[`n${i}`]))
})

/**
 * @since 0.1.0
 * @category combinators
 */
export const funnel = Effect.fnUntraced(function*(
  session: Session,
  scope: Scope,
  steps: ReadonlyArray<Step>
): Effect.fn.Return<ReadonlyArray<FunnelStep>, SqlError> {
  const found = yield* Effect.forEach(yield* appsOf(session, scope), (app) => funnelIn(session, scope, steps, app))
  return steps.map((step, i) => ({ ...step, sessions: Num.sumAll(found.map((counts) => counts[i] ?? 0)) }))
})

/**
 * @since 0.1.0
 * @category combinators
 */
export const retention = Effect.fnUntraced(function*(
  session: Session,
  scope: Scope
): Effect.fn.Return<ReadonlyArray<Cohort>, SqlError> {
  const { from, to } = Range.of(scope)
  const rows = yield* session.rows(
    session.dialect.text(
      `SELECT c.cohort AS cohort, c.week AS week, CAST(sum(c.count) AS BIGINT) AS count
       FROM series s JOIN cohort c ON c.series = s.id
       WHERE ${scope.app === undefined ? "s.app <> ''" : "s.app = ?"} AND s.type = '' AND s.facet = '' AND s.value = ''
         AND c.cohort >= ? AND c.cohort < ? AND c.count > 0
       GROUP BY c.cohort, c.week ORDER BY c.cohort, c.week`
    ),
    [...(scope.app === undefined ? [] : [scope.app]), Period.startOf("week", from), to]
  )
  const cohorts = new Map<number, Array<number>>()
  const latest = Math.max(...rows.map((row) => Number(row.week)))
  for (const row of rows) {
    const week = Number(row.cohort)
    const active = cohorts.get(week) ?? Array.from({ length: weeksBetween(week, latest) + 1 }, () => 0)
    active[weeksBetween(week, Number(row.week))] = Number(row.count)
    cohorts.set(week, active)
  }
  return Array.from(cohorts, ([week, active]) => ({ week, size: active[0] ?? 0, active }))
})
