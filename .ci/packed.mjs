// Installs the packed tarball into an empty project: every entry point must type-check and run, and the core must load no
// `node:` module and no SQLite.
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"

const root = path.resolve(import.meta.dirname, "..")
const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"))
const work = fs.mkdtempSync(path.join(os.tmpdir(), "et-packed-"))
const run = (command, args, options = {}) =>
  execFileSync(command, args, { cwd: work, stdio: ["ignore", "pipe", "inherit"], encoding: "utf8", ...options })

try {
  run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", work], { cwd: root })
  const tarball = fs.readdirSync(work).find((name) => name.endsWith(".tgz"))
  const pin = (name) => manifest.devDependencies[name]
  const peers = Object.keys(manifest.peerDependencies).filter((name) => !manifest.peerDependenciesMeta[name]?.optional)
  const optional = ["@effect/platform-node", "@effect/cli", "@effect/printer", "@effect/printer-ansi", "@effect/rpc",
    "@effect/cluster", "@effect/workflow"]
  fs.writeFileSync(path.join(work, "package.json"), JSON.stringify({
    name: "packed",
    private: true,
    type: "module",
    dependencies: {
      "effect-telemetry": `file:${tarball}`,
      ...Object.fromEntries([...peers, ...optional, "typescript", "@types/node"].map((name) => [name, pin(name)]))
    },
    allowScripts: manifest.allowScripts
  }))
  run("npm", ["install", "--no-audit", "--no-fund", "--silent", "--prefer-offline"])

  const entries = Object.keys(manifest.exports)
    .filter((key) => manifest.exports[key] !== null && !key.includes("*") && key !== "./package.json")
    .map((key) => "effect-telemetry" + key.slice(1))
  fs.writeFileSync(path.join(work, "all.ts"), entries.map((name, i) => `import * as e${i} from "${name}"\nvoid e${i}\n`).join("") +
    `import * as Level from "effect-telemetry/domain/Level"\nexport const l: Level.Level = Level.min("basic", "full")\n`)
  fs.writeFileSync(path.join(work, "tsconfig.json"), JSON.stringify({
    compilerOptions: { module: "NodeNext", target: "ES2022", strict: true, noEmit: true, skipLibCheck: true, exactOptionalPropertyTypes: true, types: ["node"], lib: ["ES2023", "DOM"] },
    include: ["all.ts"]
  }))
  run("npx", ["tsc", "-p", "."])
  // A page has none of Node's types, which declare more of the language than its own libraries do.
  const page = path.join(work, "page")
  fs.mkdirSync(page)
  fs.writeFileSync(path.join(page, "page.ts"), ["browser", "beacon"].map((name) => `export * as ${name} from "effect-telemetry/${name}"\n`).join(""))
  fs.writeFileSync(path.join(page, "tsconfig.json"), JSON.stringify({
    compilerOptions: { module: "ESNext", moduleResolution: "bundler", target: "ES2022", strict: true, noEmit: true, types: [], lib: ["ES2022", "DOM", "DOM.Iterable"] }
  }))
  run("npx", ["tsc", "-p", "page"])

  for (const name of entries) run("node", ["-e", `import(${JSON.stringify(name)}).then((m) => { if (Object.keys(m).length === 0) process.exit(3) })`])

  const core = `import { register } from "node:module"
register("data:text/javascript," + encodeURIComponent(\`export async function resolve(s, c, next) {
  if (c.parentURL?.includes("effect-telemetry/dist") && (s.startsWith("node:") || s.includes("sqlite"))) throw new Error("the core imports " + s + " from " + c.parentURL)
  return next(s, c)
}\`))
await import("effect-telemetry")`
  run("node", ["--input-type=module", "-e", core])
  // The promises come with an Effect of their own; what an application declares with its own is understood all the same.
  const own = `import * as Schema from "effect/Schema"
import * as EventDefinition from "effect-telemetry/domain/EventDefinition"
import * as Privacy from "effect-telemetry/domain/Privacy"
import { create } from "effect-telemetry/promise"
const Built = EventDefinition.make("built", {
  description: "A build has ended", purpose: "See how long builds take", fields: { target: Privacy.allow(Schema.String) }
})
const telemetry = await create({
  app: { name: "packed", version: "1" }, dataDir: "data", consent: "granted", level: "full", automatic: false, events: [Built]
})
telemetry.track("built", { target: "web" })
telemetry.track("built", { target: 5 })
await telemetry.flush()
const { dropped, store } = await telemetry.status()
await telemetry.close()
if (store.events !== 1 || dropped.invalid !== 1) throw new Error("of an own event: " + JSON.stringify({ dropped, store }))`
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== "CI" && name !== "DO_NOT_TRACK" && !name.startsWith("TELEMETRY_"))
  )
  run("node", ["--input-type=module", "-e", own], { env })
  const bin = run("npx", ["effect-telemetry", "--version"]).trim()
  if (!bin.includes(manifest.version)) throw new Error(`the binary says ${bin}`)
  console.log(`packed: ${entries.length} entry points type-check and load, the core is free of node: modules, the binary runs`)
} finally {
  fs.rmSync(work, { recursive: true, force: true })
}
