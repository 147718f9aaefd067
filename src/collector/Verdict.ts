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
 * Why an event is refused, for programs: these words stay what they are, and they are all.
 *
 * - `envelope`: something beside the data is missing or not valid
 * - `data`: the data is not what that type of event holds
 * - `too_large`, `too_deep`: the data is more than is kept of one event
 * - `control_characters`: a name holds what is no text
 * - `foreign_app`: the key is for another application
 * - `too_old`: retention would delete it at once
 *
 * @since 0.1.0
 * @category constants
 */
export const codes = [
  "envelope",
  "data",
  "too_large",
  "too_deep",
  "control_characters",
  "foreign_app",
  "too_old"
] as const

/**
 * @since 0.1.0
 * @category models
 */
export type Code = typeof codes[number]

/**
 * @since 0.1.0
 * @category models
 */
export interface Refused {
  readonly code: Code
  /** What the event says it is of; empty: nothing that could be a name. */
  readonly app: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Verdicts {
  readonly passed: Array<Passed>
  readonly rejections: ReadonlyArray<Rejection>
  /** Of events without a usable id, by position. */
  readonly errors: ReadonlyArray<string>
  readonly refused: ReadonlyArray<Refused>
}

interface Refusal {
  readonly code: Code
  readonly reason: string
}

const refusal = (code: Code, reason: string): Refusal => ({ code, reason })

const refusedAs = (code: Code, reason: string | null): Refusal | null => reason === null ? null : { code, reason }

const tooOld = refusal("too_old", "timestamp is older than what is kept here")
const deep = refusal("too_deep", "eventData is nested too deeply")
const large = refusal("too_large", "eventData is too large")

// Text that a terminal or another database would choke on has no place in a name.
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u

const isHolder = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null

const tooDeep = (value: unknown, depth: number): boolean => {
  if (!isHolder(value)) return false
  if (depth === 0) return true
  if (Array.isArray(value)) return value.some((inner) => tooDeep(inner, depth - 1))
  // What came from JSON inherits nothing that is listed here, and to list its values first would be a list for each event.
  for (const name in value) if (tooDeep(value[name], depth - 1)) return true
  return false
}

const namedApp = (event: unknown): string => {
  const app = typeof event === "object" && event !== null && "app" in event ? event.app : undefined
  const name = typeof app === "object" && app !== null && "name" in app ? app.name : undefined
  return typeof name === "string" ? name : ""
}

/** The judge of one batch: what neighbours have in common is looked at once. */
const judge = (
  types: ReadonlyMap<string, EventType>,
  app: string | null,
  isTooOld: (event: WireEvent) => boolean
) => {
  let lastName = ""
  let lastVersion = ""
  const application = (name: string, version: string): Refusal | null => {
    if (name === lastName && version === lastVersion) return null
    if (app !== null && name !== app) return refusal("foreign_app", "app.name is not the application of this key")
    if (control.test(name)) return refusal("control_characters", "app.name holds control characters")
    if (control.test(version)) return refusal("control_characters", "app.version holds control characters")
    lastName = name
    lastVersion = version
    return null
  }
  return (event: unknown): Refusal | null => {
    if (!Envelope.isSound(event)) {
      const reason = Envelope.reason(event)
      if (reason !== null) return refusal("envelope", reason)
    }
    const sound = event as WireEvent
    const type = types.get(sound.eventType)
    if (type === undefined && control.test(sound.eventType)) {
      return refusal("control_characters", "eventType holds control characters")
    }
    if (tooDeep(sound.eventData, Limits.maxDataDepth)) return deep
    if (isTooOld(sound)) return tooOld
    return application(sound.app.name, sound.app.version) ?? refusedAs("data", type?.check(sound.eventData) ?? null)
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
  const refused: Array<Refused> = []
  const against = judge(types, app, isTooOld)
  events.forEach((event, position) => {
    let found = against(event)
    if (found === null) {
      const sound = event as WireEvent
      const data = JSON.stringify(sound.eventData)
      if (data.length <= Limits.maxDataLength) {
        passed.push({ event: sound, data })
        return
      }
      found = large
    }
    const { code, reason } = found
    refused.push({ code, app: namedApp(event) })
    const id = Envelope.idOf(event)
    if (Envelope.isUuid(id)) rejections.push({ id, reason, retryable: false })
    else errors.push(`event ${position}: ${reason}`)
  })
  return { passed, rejections, errors, refused }
}

/**
 * Lets go of the events, when nobody will ask for them any more. What had to do with a request may be held for longer than the
 * request takes, by what the garbage collector does not look at for a while; its events would then be copied, again and again.
 *
 * @since 0.1.0
 * @category mutations
 */
export const forget = ({ passed }: Verdicts): void => {
  passed.length = 0
}
