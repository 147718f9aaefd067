/**
 * What is used of the page, in one place: where a part of it is missing or denied, it is null, and never an exception.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Texts that outlive the page, shared by the tabs of an origin. */
  readonly storage: Storage | null
  /** Texts that outlive the page, and end with the tab. */
  readonly tabStorage: Storage | null
  readonly indexedDB: IDBFactory | null
  readonly locks: LockManager | null
  /** Opens a channel to the other tabs; null where there is none. */
  readonly channel: ((name: string) => BroadcastChannel) | null
  /** Where `pagehide`, `pageshow`, `online`, `storage` and, by bubbling, `visibilitychange` arrive. */
  readonly events: EventTarget
  readonly isHidden: () => boolean
  /** False: it is certain that there is no network. */
  readonly isOnline: () => boolean
  /** Runs later, should the page still be there. */
  readonly later: (f: () => void) => void
  readonly fetch: typeof fetch
  readonly sendBeacon: ((url: string, body: string) => boolean) | null
  /** So many bytes of the cryptographic source. */
  readonly random: (length: number) => Uint8Array
  /** Global Privacy Control or Do Not Track is in force. */
  readonly doNotTrack: boolean
  readonly userAgent: string
  readonly cpuCount: number
  /** Gibibytes, as coarse as the browser tells; null where it does not. */
  readonly memory: number | null
}

/** Looking at a denied part throws in some browsers. */
const attempt = <A>(look: () => A | undefined): A | null => {
  try {
    return look() ?? null
  } catch {
    return null
  }
}

type Told = { readonly [name in "globalPrivacyControl" | "doNotTrack" | "deviceMemory"]?: unknown }

const told = (): Told => navigator

const channel = (): Service["channel"] =>
  typeof BroadcastChannel === "undefined" ? null : (name) => new BroadcastChannel(name)

/**
 * The page this runs in.
 *
 * @since 0.1.0
 * @category constructors
 */
export const live = (): Service => ({
  storage: attempt(() => localStorage),
  tabStorage: attempt(() => sessionStorage),
  indexedDB: attempt(() => indexedDB),
  locks: attempt(() => navigator.locks),
  channel: channel(),
  events: globalThis,
  isHidden: () => attempt(() => document.visibilityState) === "hidden",
  isOnline: () => attempt(() => navigator.onLine) !== false,
  later: (f) => {
    setTimeout(f, 0)
  },
  fetch: (...args) => fetch(...args),
  sendBeacon: attempt(() => navigator.sendBeacon) === null ? null : (url, body) => navigator.sendBeacon(url, body),
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  doNotTrack: attempt(() => told().globalPrivacyControl) === true || attempt(() => told().doNotTrack) === "1",
  userAgent: attempt(() => navigator.userAgent) ?? "",
  cpuCount: attempt(() => navigator.hardwareConcurrency) ?? 0,
  memory: attempt(() => {
    const { deviceMemory } = told()
    return typeof deviceMemory === "number" ? deviceMemory : undefined
  })
})

/**
 * @since 0.1.0
 * @category references
 */
export class Page extends Context.Reference<Page>()("effect-telemetry/browser/Page", { defaultValue: live }) {}
