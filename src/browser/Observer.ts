/**
 * Listeners and observers of the page that go with the scope.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * Entries of one type, also those from before; none where the browser does not know the type.
 *
 * @since 0.1.0
 * @category resources
 */
export const observe = (
  type: string,
  see: (entries: ReadonlyArray<PerformanceEntry>) => void
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() => {
      try {
        const observer = new PerformanceObserver((list) => see(list.getEntries()))
        observer.observe({ type, buffered: true })
        return observer
      } catch {
        return null
      }
    }),
    (observer) => Effect.sync(() => observer?.disconnect())
  ))

/**
 * A listener that can neither hold an event up nor throw into the page.
 *
 * @since 0.1.0
 * @category resources
 */
export const listen = (
  target: EventTarget,
  type: string,
  see: (event: Event) => void,
  capture = false
): Effect.Effect<void, never, Scope.Scope> => {
  const listener = (event: Event): void => {
    try {
      see(event)
    } catch {
      // The page is not to learn of it.
    }
  }
  return Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() => target.addEventListener(type, listener, { capture, passive: true })),
    () => Effect.sync(() => target.removeEventListener(type, listener, { capture }))
  ))
}
