/**
 * Texts by name: in the page's storage, or in memory where that is denied or full.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface Store {
  readonly get: (name: string) => string | null
  readonly set: (name: string, text: string) => void
  readonly remove: (name: string) => void
  /** In the order of the names. */
  readonly names: (prefix: string) => ReadonlyArray<string>
  /** Shared with the other tabs, and there again at the next visit. */
  readonly isLasting: boolean
}

/**
 * `open` gives the storage, or throws where it is denied.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (open: () => Storage): Store => {
  const memory = new Map<string, string>()
  let disk: Storage | null = null
  try {
    disk = open()
  } catch {
    // Denied.
  }
  return {
    isLasting: disk !== null,
    get: (name) => memory.get(name) ?? disk?.getItem(name) ?? null,
    set: (name, text) => {
      try {
        if (disk !== null) {
          disk.setItem(name, text)
          memory.delete(name)
          return
        }
      } catch {
        // Full: what is there is older.
        disk?.removeItem(name)
      }
      memory.set(name, text)
    },
    remove: (name) => {
      memory.delete(name)
      disk?.removeItem(name)
    },
    names: (prefix) =>
      [...new Set([...memory.keys(), ...(disk === null ? [] : Object.keys(disk))])]
        .filter((name) => name.startsWith(prefix)).sort()
  }
}
