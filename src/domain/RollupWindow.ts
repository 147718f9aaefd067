/**
 * Sums that are sent in place of the events themselves: one window is an hour of one type and one value of its dimension, of
 * events recorded under one grant for sending. While it is open it takes up what is recorded; then it is sealed, becomes an
 * event of its own, and is never changed again. What comes late opens another window.
 *
 * @since 0.1.0
 */
import { RollupWindow } from "./EventCatalog.js"
import type * as EventDefinition from "./EventDefinition.js"
import * as Level from "./Level.js"
import * as Rollup from "./Rollup.js"
import { type EventContext, type RedactedEvent, unsafeRedacted } from "./TelemetryEvent.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Window extends Rollup.Rollup {
  /** Made when the window is opened: sealing it twice makes the same event. */
  readonly id: string
  /** Of the first event in it, at the level that what is in the window needs. */
  readonly context: EventContext
}

/**
 * What is summed up in one window: same hour, type and dimension, same consent, same version of the application.
 *
 * @since 0.1.0
 * @category getters
 */
export const keyOf = ({ context, dimension, hour, type }: Window): string =>
  JSON.stringify([hour, type, dimension, context.epoch, context.level, context.app.name, context.app.version])

/** The lowest level at which all that the window says may be recorded. */
const levelOf = (definition: EventDefinition.Any, { dimension, sum }: Rollup.Rollup): Level.Level => {
  const levels = [definition.level]
  const add = (field: string | undefined) => {
    const level = field === undefined ? undefined : definition.fields[field]?.privacy.level
    if (level !== undefined) levels.push(level)
  }
  if (dimension !== null) add(definition.dimension)
  if (sum !== null) add(definition.metric)
  return levels.reduce((a, b) => Level.includes(a, b) ? a : b)
}

/**
 * The types whose events stay here and are sent as windows: the given ones, or every declared one. A window itself is always
 * sent as it is.
 *
 * @since 0.1.0
 * @category constructors
 */
export const typesOf = (config: {
  readonly aggregate: "all" | ReadonlyArray<string>
  readonly events: ReadonlyArray<EventDefinition.Any>
}): ReadonlySet<string> => {
  const types = new Set(config.aggregate === "all" ? config.events.map((event) => event.type) : config.aggregate)
  types.delete(RollupWindow.type)
  return types
}

/**
 * What events add to windows: those of the given types that were recorded under a grant for sending.
 *
 * @since 0.1.0
 * @category constructors
 */
export const folder = (
  types: ReadonlySet<string>,
  definition: (eventType: string) => EventDefinition.Any | undefined,
  newId: (now: number) => string
): (events: ReadonlyArray<RedactedEvent>) => ReadonlyArray<Window> => {
  const fold = Rollup.folder(definition)
  return (events) => {
    const byContext = new Map<EventContext, Array<RedactedEvent>>()
    for (const event of events) {
      if (!event.context.remote || !types.has(event.type)) continue
      const list = byContext.get(event.context)
      if (list === undefined) byContext.set(event.context, [event])
      else list.push(event)
    }
    return Array.from(byContext, ([context, list]) =>
      fold(list).flatMap((rollup): ReadonlyArray<Window> => {
        const known = definition(rollup.type)
        if (known === undefined) return []
        const level = levelOf(known, rollup)
        const installationId = level === "basic" ? null : context.installationId
        return [{ ...rollup, id: newId(rollup.hour), context: { ...context, level, installationId } }]
      })).flat()
  }
}

/**
 * The event that a sealed window becomes. Its time is the start of its hour.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toEvent = ({ context, dimension, hour, id, type, ...figures }: Window): RedactedEvent =>
  unsafeRedacted({
    id,
    type: RollupWindow.type,
    time: hour,
    data: JSON.stringify({
      windowId: id,
      from: hour,
      to: hour + Rollup.hourMillis,
      eventType: type,
      dimension: dimension ?? undefined,
      count: figures.count,
      errors: figures.errors,
      ...(figures.sum === null ? {} : {
        sum: figures.sum,
        min: figures.min,
        max: figures.max,
        histogram: [...figures.histogram].sort((a, b) => a[0] - b[0])
      })
    }),
    rate: 1,
    suppressed: 0,
    context
  })
