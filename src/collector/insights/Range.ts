/**
 * The range of a scope in whole periods, and what it selects.
 *
 * @since 0.1.0
 */
import type { Scope } from "../Insights.js"
import * as Period from "../Period.js"
import * as RollupSeries from "../RollupSeries.js"
import { hoursWithin } from "../RollupUniques.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Range {
  readonly from: number
  readonly to: number
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const of = ({ from, interval, to }: Scope): Range => ({
  from: Period.startOf(interval, from),
  to: to <= from ? Period.startOf(interval, from) : Period.endOf(interval, to - 1)
})

/**
 * The range as a JSON parameter: a row a run of periods.
 *
 * @since 0.1.0
 * @category conversions
 */
export const tiles = ({ from, to }: Range): string =>
  JSON.stringify(Period.tiles(from, to).map((tile) => [Period.grains[tile.interval], tile.from, tile.to]))

/**
 * The days of the range, as they are numbered where subjects are kept, and, where it does not begin and end with one, the
 * hours that count of the first and the last.
 *
 * @since 0.1.0
 * @category conversions
 */
export const days = ({ from, to }: Range): readonly [first: number, last: number, ofFirst: number, ofLast: number] => {
  const first = Period.startOf("day", from)
  const last = Period.startOf("day", Math.max(from, to - 1))
  return [Period.dayNumber(first), Period.dayNumber(last), hoursWithin(first, from, to), hoursWithin(last, from, to)]
}

/**
 * Does every day of the range belong to it in whole?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isOfDays = ({ from, to }: Range): boolean =>
  Period.startOf("day", from) === from && Period.startOf("day", to) === to

/**
 * The facet and the value by which a version is chosen, or all of them.
 *
 * @since 0.1.0
 * @category getters
 */
export const versionOf = ({ version }: Scope): readonly [facet: string, value: string] =>
  version === undefined ? ["", ""] : [RollupSeries.version, version]
