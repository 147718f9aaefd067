/** A process of its own: opens the store named first, appends as many groups of ten as named second, and says how many. */
import * as Effect from "effect/Effect"
import { EventStore } from "../../../src/persistence/EventStore.js"
import { events, group } from "../../suites/events.js"
import { layerFile } from "../../suites/sqlite.js"

const [file, groups, first] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])]

const program = Effect.gen(function*() {
  const store = yield* EventStore
  for (let i = 0; i < groups; i++) {
    const from = first + i * 10
    yield* store.append(group(events(from, from + 9)))
  }
})

await Effect.runPromise(Effect.provide(program, layerFile(file)))
