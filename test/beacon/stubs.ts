import type { Store } from "../../src/beacon/Store.js"

/** A store in memory; several tabs share one. */
export const store = (texts = new Map<string, string>()): Store => ({
  isLasting: true,
  get: (name) => texts.get(name) ?? null,
  set: (name, text) => void texts.set(name, text),
  remove: (name) => void texts.delete(name),
  names: (prefix) => [...texts.keys()].filter((name) => name.startsWith(prefix)).sort()
})

export const endpoint = new URL("https://telemetry.example.com/v1/events")
