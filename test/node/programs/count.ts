// Adds its own marks to the consent record, one by one, once told to begin: what is lost is seen at the end.
import * as Effect from "effect/Effect"
import * as ConsentFile from "../../../src/node/ConsentFile.js"
import { at, granted } from "../support.js"

const [dataDir = "", first = "0", count = "0"] = process.argv.slice(2)
const store = ConsentFile.make(at(dataDir))
process.stdout.write("ready\n")
await new Promise((resolve) => process.stdin.once("data", resolve))
for (let i = 0; i < Number(count); i++) {
  const mark = Number(first) + i
  await Effect.runPromise(store.modify((current) => ({
    ...(current ?? granted(0)),
    epochs: [...(current?.epochs ?? []), ...granted(mark).epochs]
  })))
}
process.exit(0)
