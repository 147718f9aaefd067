/**
 * Who was there over a range of days, as sets: from the weeks that are kept so, and from the days of the rest.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Dialect from "../Dialect.js"
import { dayMillis, dayNumber, endOf, startOf } from "../Period.js"
import * as RollupUniques from "../RollupUniques.js"
import * as SubjectDays from "../SubjectDays.js"
import * as SubjectEncoding from "../SubjectEncoding.js"
import type * as SubjectSet from "../SubjectSet.js"
import * as SubjectWeeks from "../SubjectWeeks.js"
import type { Session } from "../Transaction.js"
import * as Range from "./Range.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Asked {
  /** Undefined: any. */
  readonly app: string | undefined
  readonly type: string
  readonly facet: string
  /** Of that application, type and facet. */
  readonly series: ReadonlyArray<number>
  readonly range: Range.Range
}

interface Weeks {
  readonly found: ReadonlyMap<number, ReadonlyArray<SubjectSet.SubjectSet>>
  /** Weeks that have to be told from their days, by the day they begin with. */
  readonly open: ReadonlyArray<number>
}

type Days = Pick<SubjectDays.Run, "first" | "last" | "hours">

const statements = Dialect.statements(() => {
  const select = (columns: string, more: string) =>
    `SELECT week, ${columns} FROM subject_week WHERE type = ? AND facet = ? AND kind = ? AND week >= ? AND week < ?${more}`
  const ofApp = " AND app = ?"
  return {
    subjects: select("subjects", ""),
    subjectsOfApp: select("subjects", ofApp),
    withTimes: select("subjects, at", ""),
    withTimesOfApp: select("subjects, at", ofApp)
  }
})

/** The whole weeks of some days that are kept as sets: from that day on, to before that one. */
const weeksWithin = ({ first, last }: Days, until: number): readonly [from: number, to: number] => {
  const from = dayNumber(endOf("week", first * dayMillis - 1))
  const to = dayNumber(startOf("week", Math.min(until, (last + 1) * dayMillis)))
  return from < to ? [from, to] : [last + 1, last + 1]
}

const readWeeks = Effect.fnUntraced(function*(
  session: Session,
  { app, facet, series, type }: Asked,
  kind: number,
  [from, to]: readonly [from: number, to: number],
  hasTimes: boolean
): Effect.fn.Return<Weeks, SqlError> {
  const found = new Map<number, Array<SubjectSet.SubjectSet>>(series.map((id) => [id, []]))
  const open = new Set<number>()
  if (from === to) return { found, open: [] }
  const texts = statements(session.dialect)
  const text = app === undefined
    ? hasTimes ? texts.withTimes : texts.subjects
    : hasTimes
    ? texts.withTimesOfApp
    : texts.subjectsOfApp
  const params = [type, facet, kind, from, to, ...(app === undefined ? [] : [app])]
  for (const { at, subjects, week } of yield* session.rows(text, params)) {
    if (subjects === null) open.add(Number(week))
    else {
      for (const [id, set] of SubjectEncoding.decode({ subjects, at }, hasTimes ? Number(week) * dayMillis : null)) {
        found.get(id)?.push(set)
      }
    }
  }
  return { found, open: [...open] }
})

const allHours = 2 ** 24 - 1

/** The whole days of a range, and the parts of days at its ends. */
const split = (range: Range.Range): readonly [whole: Days, parts: ReadonlyArray<Days>] => {
  const [first, last, ofFirst, ofLast] = Range.days(range)
  if (first === last && (ofFirst & ofLast) !== allHours) {
    return [{ first, last: first - 1 }, [{ first, last, hours: ofFirst & ofLast }]]
  }
  const before = ofFirst === allHours ? [] : [{ first, last: first, hours: ofFirst }]
  const after = ofLast === allHours ? [] : [{ first: last, last, hours: ofLast }]
  return [{ first: first + before.length, last: last - after.length }, [...before, ...after]]
}

/** What the weeks leave of some days, and those that are open. */
const rest = (
  { first, last }: Days,
  [from, to]: readonly [from: number, to: number],
  open: ReadonlyArray<number>
): ReadonlyArray<Days> =>
  [
    { first, last: from - 1 },
    ...open.map((week) => ({ first: week, last: week + 6 })),
    { first: to, last }
  ].filter((days) => days.first <= days.last)

/**
 * For each series some sets that are together who was there. Times are those of whole days, and so is then the range.
 *
 * @since 0.1.0
 * @category combinators
 */
export const sets = Effect.fnUntraced(function*(
  session: Session,
  asked: Asked,
  kind: RollupUniques.Kind,
  options: { readonly hasTimes: boolean }
): Effect.fn.Return<ReadonlyMap<number, ReadonlyArray<SubjectSet.SubjectSet>>, SqlError> {
  const [first, last] = Range.days(asked.range)
  const [whole, parts] = options.hasTimes ? [{ first, last }, []] : split(asked.range)
  const weeks = weeksWithin(whole, yield* SubjectWeeks.untilOf(session))
  const number = RollupUniques.kinds[kind]
  const { found, open } = yield* readWeeks(session, asked, number, weeks, options.hasTimes)
  const left = [...rest(whole, weeks, open), ...parts]
  const runs = asked.series.flatMap((series) => left.map((days) => ({ series, kind: number, ...days })))
  const ofDays = yield* SubjectDays.sets(session, runs, options)
  return new Map(asked.series.map((series, place) => {
    const days = left.flatMap((_, i) => ofDays.get(place * left.length + i) ?? [])
    return [series, [...found.get(series)!, ...days]]
  }))
})
