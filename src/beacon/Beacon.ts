/**
 * Telemetry for a page in a few kilobytes, without Effect: consent, declared events at level basic, a queue that outlives the
 * page, and delivery to a collector in its own format.
 *
 * @since 0.1.0
 */
import * as Consent from "./Consent.js"
import * as Delivery from "./Delivery.js"
import * as Events from "./Events.js"
import { uuid7 } from "./Ids.js"
import * as Queue from "./Queue.js"
import * as Session from "./Session.js"
import * as Store from "./Store.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options<E extends Events.Declarations = Record<never, never>> {
  /** `https`, or on this machine. May be relative to the page. */
  readonly endpoint: string
  /** An ingest key: it may be known to everybody. */
  readonly key: string
  readonly app: { readonly name: string; readonly version: string }
  /** Events of the application, beside the built-in ones. */
  readonly events?: E
  /** A newer version than the one consented to asks again. Default 1. */
  readonly policyVersion?: number
  /** How long events wait for others, to be sent together. Default 5000. */
  readonly lingerMillis?: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Status {
  readonly enabled: boolean
  readonly reason: Consent.Reason
  readonly pending: number
  /** Of this page: accepted by the collector. */
  readonly sent: number
  /** Of this page: refused by the collector. */
  readonly rejected: number
  /** Of this page: not recorded because they were not as declared, or pushed out by later ones. */
  readonly dropped: { readonly invalid: number; readonly overflow: number }
  /** Does the queue outlive the page? */
  readonly lasting: boolean
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Beacon<E extends Events.Declarations = Record<never, never>> {
  /** Does nothing while off. Never throws. */
  readonly track: <T extends keyof (E & typeof Events.builtIn) & string>(
    eventType: T,
    data: Events.Data<(E & typeof Events.builtIn)[T]>
  ) => void
  readonly trackFeature: (featureName: string, enabledOrAction?: boolean | string) => void
  /** The person has agreed. */
  readonly enable: () => Status
  /** The person has withdrawn: what waits is removed. */
  readonly disable: () => Status
  readonly status: () => Status
  /** Sends now. Never rejects. */
  readonly flush: () => Promise<void>
  /** Ends it, and removes its listeners; what waits is sent at the next visit. */
  readonly stop: () => void
}

const fieldsOf = (declared: Events.Declarations, eventType: string): Events.Fields | undefined =>
  Object.hasOwn(declared, eventType) ? declared[eventType] : undefined

/**
 * Off until {@link Beacon.enable}: nothing is stored nor sent before.
 *
 * @example
 * import { start } from "effect-telemetry/beacon"
 *
 * const beacon = start({
 *   endpoint: "https://telemetry.example.com/v1/events",
 *   key: "etk_ingest",
 *   app: { name: "shop", version: "1.0.0" },
 *   events: { basket_changed: { items: "number", gift: "boolean?" } }
 * })
 * beacon.track("basket_changed", { items: 2 })
 *
 * @since 0.1.0
 * @category constructors
 */
export const start = <const E extends Events.Declarations = Record<never, never>>(options: Options<E>): Beacon<E> => {
  const { app, lingerMillis = 5000, policyVersion = 1 } = options
  const declared: Events.Declarations = { ...options.events, ...Events.builtIn }
  const endpoint = new URL(options.endpoint, location.href)
  const prefix = `effect-telemetry:${app.name}:`
  const store = Store.make(() => localStorage)
  const queue = Queue.make(store, prefix + "beacon:")
  const consent = Consent.make(store, prefix + "consent", endpoint, policyVersion)
  const session = Session.make(Store.make(() => sessionStorage), prefix + "session")
  const counters = { sent: 0, rejected: 0 }
  const dropped = { invalid: 0, overflow: 0 }
  const delivery = Delivery.make({
    endpoint: endpoint.href,
    key: options.key,
    lingerMillis,
    lock: store.isLasting ? prefix + "beacon" : null,
    queue,
    sendable: () => consent.current().sendable,
    counters
  })
  let stopped = false

  const track = (eventType: string, data: { readonly [field: string]: unknown }): void => {
    try {
      const { epoch } = consent.current()
      if (epoch === null || stopped) return
      const fields = fieldsOf(declared, eventType)
      const eventData = fields === undefined ? null : Events.shape(fields, data)
      if (eventData === null) {
        dropped.invalid++
        return
      }
      const timestamp = Date.now()
      dropped.overflow += queue.add(epoch, {
        id: uuid7(timestamp),
        sessionId: session(timestamp),
        eventType,
        eventData,
        timestamp,
        level: "basic",
        sampleRate: 1,
        app: { name: app.name, version: app.version },
        schemaVersion: 1
      })
      if (document.visibilityState === "hidden") delivery.leave()
      else delivery.schedule()
    } catch {
      dropped.invalid++
    }
  }

  const status = (): Status => {
    const { epoch, reason } = consent.current()
    return {
      enabled: epoch !== null && !stopped,
      reason,
      pending: queue.size(),
      ...counters,
      dropped: { ...dropped },
      lasting: store.isLasting
    }
  }

  const onVisibility = (): void => {
    if (document.visibilityState === "hidden") delivery.leave()
    else delivery.schedule()
  }
  const onOnline = (): void => void delivery.flush()

  addEventListener("visibilitychange", onVisibility)
  addEventListener("pagehide", delivery.leave)
  addEventListener("online", onOnline)
  if (consent.current().epoch !== null && queue.size() > 0) void delivery.flush()

  return {
    track,
    trackFeature: (featureName, enabledOrAction) =>
      track("feature_used", {
        featureName,
        [typeof enabledOrAction === "string" ? "action" : "enabled"]: enabledOrAction
      }),
    enable: () => {
      consent.enable()
      return status()
    },
    disable: () => {
      consent.disable()
      queue.clear()
      return status()
    },
    status,
    flush: delivery.flush,
    stop: () => {
      stopped = true
      removeEventListener("visibilitychange", onVisibility)
      removeEventListener("pagehide", delivery.leave)
      removeEventListener("online", onOnline)
      delivery.stop()
    }
  }
}
