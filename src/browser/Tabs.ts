/**
 * Which of the tabs submits: the one that holds a Web Lock, and when it goes, however it goes, the next one at once. The
 * others tell it that there is something to send.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Ids } from "../domain/Ids.js"
import { type Service as Queue, SubmissionQueue } from "../persistence/SubmissionQueue.js"
import { Process } from "../scheduling/Process.js"
import { Page } from "./Page.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Without Web Locks, every tab may ask for the lease in the store. */
  readonly unsafeMaySubmit: () => boolean
  /** Calls `listener` when it is this tab's turn, and when another tab has something to send. */
  readonly unsafeOnTurn: (listener: () => void) => void
  /** Another tab submits: it is told that there is something. */
  readonly unsafeTell: () => void
  /** Lets go of the turn, because the page is put to sleep, or asks for it again. */
  readonly unsafeAwake: (awake: boolean) => void
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Tabs extends Context.Tag("effect-telemetry/browser/Tabs")<Tabs, Service>() {}

const make = (app: string, worker: boolean) =>
  Effect.gen(function*() {
    const { channel, locks } = yield* Page
    const name = `effect-telemetry:${app}`
    const listeners = new Set<() => void>()
    const others = channel?.(name) ?? null
    let release: (() => void) | null = null
    let waiting: AbortController | null = null

    const turn = (): void => listeners.forEach((listener) => listener())

    const hold = (): Promise<void> =>
      new Promise((done) => {
        waiting = null
        release = done
        turn()
      })

    const ask = (): void => {
      if (locks === null || !worker || release !== null || waiting !== null) return
      waiting = new AbortController()
      // Refused: the wait was given up, or the page may have no locks; then nothing is submitted by this tab.
      locks.request(name, { signal: waiting.signal }, hold).catch(() => {})
    }

    const give = (): void => {
      waiting?.abort()
      waiting = null
      release?.()
      release = null
    }

    if (others !== null) others.addEventListener("message", () => release !== null && turn())
    ask()
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        give()
        others?.close()
      })
    )

    return Tabs.of({
      unsafeMaySubmit: () => locks === null || !worker || release !== null,
      unsafeOnTurn: (listener) => void listeners.add(listener),
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      unsafeTell: () => others?.postMessage("waiting"),
      unsafeAwake: (awake) => awake ? ask() : give()
    })
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (app: string, worker: boolean): Layer.Layer<Tabs> => Layer.scoped(Tabs, make(app, worker))

/**
 * A tab of its own for each time the layer is built. Whoever has the turn knows that no other tab has it: their leases are
 * over.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerProcess: Layer.Layer<Process, never, Ids | Tabs> = Layer.effect(
  Process,
  Effect.gen(function*() {
    const ids = yield* Ids
    const tabs = yield* Tabs
    const { locks } = yield* Page
    return {
      owner: { id: ids.uuid4(), pid: parseInt(ids.uuid4().slice(0, 8), 16) },
      isGone: () => locks !== null && tabs.unsafeMaySubmit()
    }
  })
)

/**
 * The queue as a tab may use it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const inTurn = (queue: Queue, tabs: Service): Queue => ({
  ...queue,
  acquire: (...args) =>
    Effect.suspend(() => {
      if (tabs.unsafeMaySubmit()) return queue.acquire(...args)
      tabs.unsafeTell()
      return Effect.succeed(false)
    })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layerQueue: Layer.Layer<SubmissionQueue, never, SubmissionQueue | Tabs> = Layer.effect(
  SubmissionQueue,
  Effect.zipWith(SubmissionQueue, Tabs, inTurn)
)
