import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { build } from "esbuild"
import { execFileSync } from "node:child_process"
import * as path from "node:path"
import { temporary } from "./support.js"

const program = `
import { makeDriver } from "${path.join(import.meta.dirname, "../../src/node/SqliteDatabase.ts")}"
import * as Effect from "effect/Effect"
const driver = makeDriver(process.argv[2])
driver.connect.pipe(Effect.scoped, Effect.flip, Effect.runPromise).then(({ message }) => console.log(message))
`

for (const format of ["cjs", "esm"] as const) {
  it.scopedLive(`SQLite that was bundled along (${format}) is named as what is missing`, () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const outfile = path.join(directory, format === "cjs" ? "a.cjs" : "a.mjs")
      yield* Effect.promise(() =>
        build({
          stdin: { contents: program, resolveDir: import.meta.dirname, loader: "ts" },
          outfile,
          bundle: true,
          platform: "node",
          format,
          logLevel: "error"
        })
      )
      const said = execFileSync(process.execPath, [outfile, path.join(directory, "a.db")], { encoding: "utf8" })
      expect(said).toMatch(
        /^the native SQLite cannot be loaded \(.+\): install better-sqlite3 .* keep it out of a bundle/
      )
    }))
}
