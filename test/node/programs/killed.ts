// Dies by SIGKILL between the writing of the new record and its taking the name.
import * as Effect from "effect/Effect"
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import * as ConsentFile from "../../../src/node/ConsentFile.js"
import { at, granted } from "../support.js"

const [dataDir = ""] = process.argv.slice(2)
fs.renameSync = () => process.kill(process.pid, "SIGKILL")
syncBuiltinESMExports()
await Effect.runPromise(ConsentFile.make(at(dataDir)).modify(() => granted(2)))
