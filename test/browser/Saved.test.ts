import { describe, it } from "@effect/vitest"
import * as Saved from "../../src/browser/storage/Saved.js"
import * as Backend from "../../src/persistence/memory/Backend.js"
import * as Events from "../../src/persistence/memory/Events.js"
import * as Queue from "../../src/persistence/memory/Queue.js"
import { sequence, type Subject } from "../model/run.js"

/** The memory store, written down and read back at every crash. */
const subject = (): Subject => {
  let backend = Backend.make()
  const self: Subject = {
    store: Events.make(backend),
    queue: Queue.make(backend),
    crash: () => {
      const next = Backend.make()
      for (const [seq, event] of backend.events) next.events.set(seq, event)
      const requests = new Map(Array.from(backend.destinations, ([id, rows]) => [id, rows.requests]))
      Saved.load(next, JSON.parse(JSON.stringify(Saved.save(backend))), requests)
      backend = next
      self.store = Events.make(backend)
      self.queue = Queue.make(backend)
    },
    recount: () => {},
    close: () => {}
  }
  return self
}

describe("the state of the queue as a text", () => {
  it("is the same queue when it is read back: 100 random sequences against the model", () => {
    for (let seed = 1; seed <= 100; seed++) sequence(subject(), seed, 60, new Map())
  })
})
