/**
 * Events that wait to be sent, each under a name of its own: tabs that write at the same time cannot undo each other's work.
 *
 * @since 0.1.0
 */
import type { Shaped } from "./Events.js"
import type { Store } from "./Store.js"

/**
 * An event as it travels.
 *
 * @since 0.1.0
 * @category models
 */
export interface WireEvent {
  readonly id: string
  readonly sessionId: string
  readonly eventType: string
  readonly eventData: Shaped
  readonly timestamp: number
  readonly level: "basic"
  readonly sampleRate: 1
  readonly app: { readonly name: string; readonly version: string }
  readonly schemaVersion: 1
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Waiting {
  readonly id: string
  /** The event as JSON. */
  readonly text: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Queue {
  /** How many older events had to go for it. */
  readonly add: (epoch: string, event: WireEvent) => number
  /** Oldest first, of these grants; what was recorded under others is removed. */
  readonly all: (epochs: ReadonlyArray<string>) => ReadonlyArray<Waiting>
  readonly remove: (id: string) => void
  readonly size: () => number
  readonly clear: () => void
}

/** More would say little more, and storage is the page's. */
const maxEvents = 200

const separator = "\n"

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (store: Store, prefix: string): Queue => {
  const names = () => store.names(prefix)
  const remove = (id: string): void => store.remove(prefix + id)
  return {
    remove,
    size: () => names().length,
    clear: () => names().forEach(store.remove),
    add: (epoch, event) => {
      const surplus = names().slice(0, -(maxEvents - 1))
      surplus.forEach(store.remove)
      store.set(prefix + event.id, epoch + separator + JSON.stringify(event))
      return surplus.length
    },
    all: (epochs) =>
      names().flatMap((name) => {
        const [epoch = "", text = ""] = (store.get(name) ?? "").split(separator)
        if (epochs.includes(epoch)) return [{ id: name.slice(prefix.length), text }]
        store.remove(name)
        return []
      })
  }
}
