/** Opens the shop and says where; its collector keeps what it gets for as long as this runs. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Shop from "./Shop.js"

const directory = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "shop-"))),
  (name) => Effect.sync(() => fs.rmSync(name, { recursive: true, force: true }))
)

const program = Effect.gen(function*() {
  const { collector, url } = yield* Shop.make(`sqlite:${path.join(yield* directory, "collector.db")}`)
  yield* Console.log(`the shop       ${url}`)
  yield* Console.log(`its dashboard  ${collector.url}  (sign in with ${collector.readKey})`)
  return yield* Effect.never
})

NodeRuntime.runMain(Effect.scoped(program))
