/**
 * Who went on and who came back: funnels over sessions, and installations by the week they first came in.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Num from "effect/Number"
import type { Cohort, FunnelStep, Scope, Step } from "../Insights.js"
import * as Period from "../Period.js"
import * as RollupSeries from "../RollupSeries.js"
import { weeksBetween } from "../RollupUniques.js"
import * as SubjectSet from "../SubjectSet.js"
import type { Session } from "../Transaction.js"
import * as Range from "./Range.js"
import * as Subjects from "./Subjects.js"
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

/** Every application, where none is chosen: sessions and installations are an application's. */
const appsOf = (session: Session, { app }: Scope): Effect.Effect<ReadonlyArray<string>, SqlError> =>
  app === undefined ? Totals.apps(session) : Effect.succeed([app])

/** Who of an application took a step in the range, and when first. */
const tookStep = Effect.fnUntraced(function*(
  session: Session,
  scope: Scope,
  { dimension, eventType: type }: Step,
  app: string
): Effect.fn.Return<ReadonlyArray<SubjectSet.SubjectSet>, SqlError> {
  const name = {
    app,
    type,
    facet: dimension === undefined ? "" : RollupSeries.dimension,
    value: dimension ?? ""
  }
  const series = yield* seriesOf(session, name)
  if (series === null) return []
  const asked = { app, type, facet: name.facet, series: [series], range: Range.of(scope) }
  const sets = yield* Subjects.sets(session, asked, "session", { hasTimes: true })
  return sets.get(series)!
})

const funnelIn = (
  session: Session,
  scope: Scope,
  steps: ReadonlyArray<Step>,
  app: string
): Effect.Effect<ReadonlyArray<number>, SqlError> =>
  Effect.map(Effect.forEach(steps, (step) => tookStep(session, scope, step, app)), SubjectSet.funnel)

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
