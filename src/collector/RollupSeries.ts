/**
 * Which series the groups of a delta count into: pure. A series is what has rows of its own in the rollups: an application
 * (the empty text: all of them), a type (empty: all), and perhaps one value of a facet.
 *
 * Sessions and installations are an application's: those of all together are the sum, and who they are is kept once.
 *
 * @since 0.1.0
 */
import type * as RollupDelta from "./RollupDelta.js"
import * as RollupFigures from "./RollupFigures.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Name {
  readonly app: string
  readonly type: string
  readonly facet: string
  readonly value: string
}

/**
 * A text of its own for each name.
 *
 * @since 0.1.0
 * @category conversions
 */
export const keyOf = ({ app, facet, type, value }: Name): string => `${type}\u0000${facet}\u0000${value}\u0000${app}`

/**
 * Figures of one series and one hour.
 *
 * @since 0.1.0
 * @category models
 */
export interface Entry extends RollupFigures.Figures {
  readonly name: Name
  readonly hour: number
}

/**
 * The facet of a type's own dimension, and that of the application's version.
 *
 * @since 0.1.0
 * @category constants
 */
export const dimension = "dimension"

/** @since 0.1.0 */
export const version = "version"

/** Of these nobody asks whom they concern. */
const unnamed = new Set(["rating", "outcome", "completed", "messageCount", "averageMessageLength", "dropped"])

interface Target extends Name {
  readonly isMeasured: boolean
  readonly hasSubjects: boolean
}

const targetsIn = (app: string, { facet, type, value, version: release }: RollupDelta.Group): ReadonlyArray<Target> =>
  facet !== ""
    ? [{ app, type, facet, value, isMeasured: true, hasSubjects: !unnamed.has(facet) }]
    : [
      { app, type, facet: "", value: "", isMeasured: true, hasSubjects: true },
      { app, type, facet: dimension, value, isMeasured: true, hasSubjects: true },
      { app, type, facet: version, value: release, isMeasured: true, hasSubjects: false },
      { app, type: "", facet: "", value: "", isMeasured: false, hasSubjects: true },
      { app, type: "", facet: version, value: release, isMeasured: false, hasSubjects: true }
    ]

/**
 * @since 0.1.0
 * @category conversions
 */
export const entries = ({ groups }: RollupDelta.Delta): ReadonlyArray<Entry> => {
  const found = new Map<string, Entry>()
  for (const group of groups.values()) {
    for (const app of [group.app, ""]) {
      for (const target of targetsIn(app, group)) {
        const { facet, isMeasured, type, value } = target
        const key = `${group.hour}\u0000${keyOf(target)}`
        let entry = found.get(key)
        if (entry === undefined) {
          entry = { name: { app, type, facet, value }, hour: group.hour, ...RollupFigures.noFigures() }
          found.set(key, entry)
        }
        RollupFigures.addFigures(entry, group, { isMeasured, hasSubjects: app !== "" && target.hasSubjects })
      }
    }
  }
  return [...found.values()]
}

/**
 * By the number of an application's series, that of the series which counts the same of all applications.
 *
 * @since 0.1.0
 * @category getters
 */
export const inAll = (entries: ReadonlyArray<Entry>, ids: ReadonlyArray<number>): ReadonlyMap<number, number> => {
  const wholes = new Map<string, number>()
  entries.forEach(({ name }, i) => {
    if (name.app === "") wholes.set(keyOf(name), ids[i]!)
  })
  return new Map(entries.map(({ name }, i) => [ids[i]!, wholes.get(keyOf({ ...name, app: "" }))!]))
}
