/**
 * The verdict on each event of a batch. A bad event never fails a good batch: it is named, with the reason.
 *
 * @since 0.1.0
 */
import type { WireEvent } from "../domain/TelemetryEvent.js"
import * as Envelope from "./Envelope.js"
import type { EventType } from "./EventTypes.js"
import * as Limits from "./Limits.js"

/**
 * An event that passed, with its data as the text that is stored.
 *
 * @since 0.1.0
 * @category models
 */
export interface Passed {
  readonly event: WireEvent
  readonly data: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Rejection {
  readonly id: string
  readonly reason: string
  readonly retryable: false
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Verdicts {
  readonly passed: ReadonlyArray<Passed>
  readonly rejections: ReadonlyArray<Rejection>
  /** Of events without a usable id, by position. */
  readonly errors: ReadonlyArray<string>
}

// Text that a terminal or another database would choke on has no place in a name.
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u

const tooDeep = (value: object, depth: number): boolean => {
  if (depth === 0) return true
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null && tooDeep(inner, depth - 1)) return true
  }
  return false
}

/** The judge of one batch: what neighbours have in common is looked at once. */
const judge = (
  types: ReadonlyMap<string, EventType>,
  app: string | null,
  isTooOld: (event: WireEvent) => boolean
) => {
  let lastName = ""
  let lastVersion = ""
  const application = (name: string, version: string): string | null => {
    if (name === lastName && version === lastVersion) return null
    if (app !== null && name !== app) return "app.name is not the application of this key"
    if (control.test(name)) return "app.name holds control characters"
    if (control.test(version)) return "app.version holds control characters"
    lastName = name
    lastVersion = version
    return null
  }
  return (event: unknown): string | null => {
    if (!Envelope.isSound(event)) {
      const reason = Envelope.reason(event)
      if (reason !== null) return reason
    }
    const sound = event as WireEvent
    const type = types.get(sound.eventType)
    if (type === undefined && control.test(sound.eventType)) return "eventType holds control characters"
    if (tooDeep(sound.eventData, Limits.maxDataDepth)) return "eventData is nested too deeply"
    if (isTooOld(sound)) return "timestamp is older than what is kept here"
    return application(sound.app.name, sound.app.version) ?? type?.check(sound.eventData) ?? null
  }
}

/**
 * `app` is the application the key is bound to; null: to none. What is too old would be deleted as soon as it is stored.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  events: ReadonlyArray<unknown>,
  types: ReadonlyMap<string, EventType>,
  app: string | null,
  isTooOld: (event: WireEvent) => boolean
): Verdicts => {
  const passed: Array<Passed> = []
  const rejections: Array<Rejection> = []
  const errors: Array<string> = []
  const reasonAgainst = judge(types, app, isTooOld)
  events.forEach((event, position) => {
    let reason = reasonAgainst(event)
    if (reason === null) {
      const sound = event as WireEvent
      const data = JSON.stringify(sound.eventData)
      if (data.length <= Limits.maxDataLength) {
        passed.push({ event: sound, data })
        return
      }
      reason = "eventData is too large"
    }
    const id = typeof event === "object" && event !== null && "id" in event ? event.id : undefined
    if (Envelope.isUuid(id)) rejections.push({ id, reason, retryable: false })
    else errors.push(`event ${position}: ${reason}`)
  })
  return { passed, rejections, errors }
}
