/**
 * Store, queue and rollups in memory: nothing outlives the process. For tests, and for programs that want no file.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { EventStore } from "./EventStore.js"
import * as Backend from "./memory/Backend.js"
import * as Events from "./memory/Events.js"
import * as Queue from "./memory/Queue.js"
import * as RollupsMemory from "./memory/Rollups.js"
import * as Windows from "./memory/Windows.js"
import { Rollups } from "./Rollups.js"
import { SubmissionQueue } from "./SubmissionQueue.js"

/**
 * One set of rows behind all tags.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<EventStore | SubmissionQueue | Rollups> = Layer.syncContext(() => {
  const backend = Backend.make()
  return Context.make(EventStore, Events.make(backend)).pipe(
    Context.add(SubmissionQueue, Queue.make(backend)),
    Context.add(Rollups, RollupsMemory.make(backend.rollups, (request) => Windows.seal(backend, request)))
  )
})
