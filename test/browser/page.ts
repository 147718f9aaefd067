import { IDBFactory } from "fake-indexeddb"
import { webcrypto } from "node:crypto"
import type * as Page from "../../src/browser/Page.js"

/** `localStorage`, as far as it is used. */
export class FakeStorage implements Storage {
  readonly #texts = new Map<string, string>()
  refuses = false
  readonly [name: string]: unknown
  get length(): number {
    return this.#texts.size
  }
  key(index: number): string | null {
    return [...this.#texts.keys()][index] ?? null
  }
  getItem(key: string): string | null {
    return this.#texts.get(key) ?? null
  }
  setItem(key: string, text: string): void {
    if (this.refuses) throw new DOMException("no room", "QuotaExceededError")
    this.#texts.set(key, text)
  }
  removeItem(key: string): void {
    this.#texts.delete(key)
  }
  clear(): void {
    this.#texts.clear()
  }
}

export type FakePage = Page.Service & { readonly storage: FakeStorage }

/** A page of its own browser; several tabs share what is given. */
export const page = (parts: Partial<Page.Service> = {}): FakePage => ({
  tabStorage: null,
  indexedDB: new IDBFactory(),
  locks: null,
  channel: null,
  events: new EventTarget(),
  isHidden: () => false,
  isOnline: () => true,
  later: (f) => {
    setTimeout(f, 0)
  },
  fetch: () => Promise.reject(new TypeError("offline")),
  sendBeacon: null,
  random: (length) => webcrypto.getRandomValues(new Uint8Array(length)),
  doNotTrack: false,
  userAgent: "test",
  cpuCount: 2,
  memory: null,
  ...parts,
  storage: parts.storage instanceof FakeStorage ? parts.storage : new FakeStorage()
})
