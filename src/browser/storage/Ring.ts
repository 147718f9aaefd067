/**
 * What must survive the last instant of a page, when nothing asynchronous runs to its end any more: groups of events as
 * texts in `localStorage`, each under a name of its own, until they are taken over into the store. A bounded number of bytes.
 *
 * @since 0.1.0
 */
import type { AppendGroup } from "../../persistence/EventStore.js"
import { StoreError } from "../../persistence/StoreError.js"

/**
 * Characters, of all tabs together.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxLength = 64 * 1024

/**
 * @since 0.1.0
 * @category models
 */
export interface Ring {
  /** Keeps a group. Synchronous; null when it is kept, or why it is not. */
  readonly put: (group: AppendGroup) => StoreError | null
  /** Is there, or might there be, anything to take over? Free. */
  readonly isDirty: () => boolean
  /** Something was kept elsewhere: look again. */
  readonly touch: () => void
  /** Everything kept, oldest first. What cannot be understood is given without a group. */
  readonly read: () => ReadonlyArray<readonly [key: string, group: AppendGroup | null]>
  readonly remove: (keys: ReadonlyArray<string>) => void
  /** Is this a name of a kept group? */
  readonly isKey: (key: string | null) => boolean
}

const pack = ({ keptBack, ...group }: AppendGroup): string =>
  JSON.stringify({ ...group, keptBack: keptBack === undefined ? undefined : [...keptBack] })

const isGroup = (value: unknown): value is Omit<AppendGroup, "keptBack"> & { readonly keptBack?: Array<string> } =>
  typeof value === "object" && value !== null && "events" in value && Array.isArray(value.events) &&
  "destinations" in value && Array.isArray(value.destinations) && "counts" in value && "queueLimit" in value

const unpack = (text: string): AppendGroup | null => {
  try {
    const value: unknown = JSON.parse(text)
    if (!isGroup(value)) return null
    const { keptBack, ...group } = value
    return keptBack === undefined ? group : { ...group, keptBack: new Set(keptBack) }
  } catch {
    return null
  }
}

const full = (cause?: unknown): StoreError =>
  new StoreError({
    reason: "full",
    message: "There is no room left for what the page's last instant has recorded.",
    ...(cause === undefined ? {} : { cause })
  })

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (storage: Storage | null, app: string, newKey: () => string): Ring => {
  const prefix = `effect-telemetry:${app}:last:`
  let dirty = storage !== null

  const keys = (): ReadonlyArray<string> => {
    const found: Array<string> = []
    for (const i of Array(storage?.length ?? 0).keys()) {
      const key = storage?.key(i)
      if (key?.startsWith(prefix) === true) found.push(key)
    }
    return found.sort()
  }

  const entries = (): ReadonlyArray<readonly [string, string]> =>
    keys().map((key) => [key, storage?.getItem(key) ?? ""])

  const attempt = <A>(f: () => A, otherwise: A): A => {
    try {
      return f()
    } catch {
      return otherwise
    }
  }

  return {
    put: (group) => {
      if (storage === null) return full()
      const text = pack(group)
      try {
        const used = entries().reduce((sum, [, other]) => sum + other.length, 0)
        if (used + text.length > maxLength) return full()
        storage.setItem(prefix + newKey(), text)
        dirty = true
        return null
      } catch (cause) {
        return full(cause)
      }
    },
    isDirty: () => dirty,
    touch: () => {
      dirty = storage !== null
    },
    read: () => {
      dirty = false
      return attempt(() => entries().map(([key, text]) => [key, unpack(text)] as const), [])
    },
    remove: (gone) => attempt(() => gone.forEach((key) => storage?.removeItem(key)), undefined),
    isKey: (key) => key?.startsWith(prefix) === true
  }
}
