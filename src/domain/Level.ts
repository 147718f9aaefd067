/**
 * How much a person has agreed to share. Levels are ordered: what is granted at one level includes all below it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * @since 0.1.0
 * @category schemas
 */
export const Level = Schema.Literal("basic", "enhanced", "full")

/**
 * @since 0.1.0
 * @category models
 */
export type Level = typeof Level.Type

const ranks: Readonly<Record<Level, number>> = { basic: 0, enhanced: 1, full: 2 }

/**
 * All levels, lowest first.
 *
 * @since 0.1.0
 * @category constants
 */
export const all: ReadonlyArray<Level> = ["basic", "enhanced", "full"]

/**
 * The position in the order, 0 for the lowest. This is also how a level is stored.
 *
 * @since 0.1.0
 * @category conversions
 */
export const rank = (level: Level): number => ranks[level]

/**
 * The level of a stored rank; anything unknown is the lowest level.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromRank = (value: number): Level => all[value] ?? "basic"

/**
 * Does a grant of `granted` cover something that needs `needed`?
 *
 * @since 0.1.0
 * @category predicates
 */
export const includes = (granted: Level, needed: Level): boolean => ranks[granted] >= ranks[needed]

/**
 * The lower of two levels.
 *
 * @since 0.1.0
 * @category combinators
 */
export const min = (self: Level, that: Level): Level => ranks[self] <= ranks[that] ? self : that
