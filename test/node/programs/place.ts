// Says where the data of an application lives and whether it can be used, in the environment it is started in.
import * as Effect from "effect/Effect"
import * as ConsentFile from "../../../src/node/ConsentFile.js"
import * as Directories from "../../../src/node/Directories.js"
import * as SettingsFile from "../../../src/node/SettingsFile.js"

const report = Effect.gen(function*() {
  const directories = yield* Directories.Directories
  const message = (error: { readonly message: string }) => error.message
  const read = yield* Effect.either(Effect.mapError(ConsentFile.make(directories).read, message))
  const settings = yield* Effect.either(Effect.mapError(SettingsFile.make(directories).all, message))
  const ensure = yield* Effect.either(Effect.mapError(directories.ensure, message))
  return { path: directories.path, read, settings, ensure }
})

console.log(JSON.stringify(Effect.runSync(Effect.provide(report, Directories.layer({ appName: "@acme/ax" })))))
