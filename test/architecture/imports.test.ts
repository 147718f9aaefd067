import { describe, expect, it } from "@effect/vitest"
import { ambientUses, cycles, escapes, remadeGenerators, runs, undocumented } from "./rules.js"
import { type Import, parse, type Source, sources } from "./sources.js"

type Room =
  | "policy"
  | "domain"
  | "config"
  | "consent"
  | "collection"
  | "persistence"
  | "submission"
  | "scheduling"
  | "insight"
  | "telemetry"
  | "index"
  | "node"
  | "browser"
  | "beacon"
  | "promise"
  | "web"
  | "cli"
  | "collector"
  | "testing"

/** Files outside folders, and folders that belong to a room of another name. */
const rooms: Readonly<Record<string, Room>> = {
  "Policy.ts": "policy",
  "ConfigIssue.ts": "config",
  "OwnCost.ts": "config",
  "Environment.ts": "config",
  "TelemetryConfig.ts": "config",
  internal: "config",
  "Client.ts": "telemetry",
  "Telemetry.ts": "telemetry",
  "TelemetryService.ts": "telemetry",
  "Pipeline.ts": "telemetry",
  "PipelineHealth.ts": "telemetry",
  "SubmissionHealth.ts": "telemetry",
  "Status.ts": "telemetry",
  "Stored.ts": "telemetry",
  "LocalStats.ts": "insight",
  "Preview.ts": "telemetry",
  "Withdrawal.ts": "telemetry",
  "index.ts": "index",
  domain: "domain",
  consent: "consent",
  collection: "collection",
  insight: "insight",
  persistence: "persistence",
  submission: "submission",
  scheduling: "scheduling",
  node: "node",
  browser: "browser",
  beacon: "beacon",
  promise: "promise",
  web: "web",
  cli: "cli",
  collector: "collector",
  testing: "testing"
}

const roomOf = (name: string): Room | undefined => rooms[name.split("/")[0] ?? ""]

const core: ReadonlyArray<Room> = [
  "policy",
  "domain",
  "config",
  "consent",
  "collection",
  "persistence",
  "submission",
  "scheduling",
  "insight",
  "telemetry"
]

/** Which rooms a room may import from, besides itself. */
const arrows: Readonly<Record<Room, ReadonlyArray<Room>>> = {
  policy: [],
  domain: ["policy"],
  config: ["policy", "domain"],
  consent: ["policy", "domain", "config"],
  collection: ["policy", "domain", "config", "consent", "persistence"],
  persistence: ["policy", "domain", "config"],
  submission: ["policy", "domain", "config"],
  scheduling: ["policy", "domain", "config", "consent", "persistence", "submission"],
  insight: ["policy", "domain", "config", "persistence"],
  telemetry: core,
  index: core,
  node: core,
  browser: core,
  // It stands alone, but for the fingerprint of errors.
  beacon: [],
  promise: [...core, "node"],
  web: ["domain"],
  cli: [...core, "node", "web"],
  collector: ["policy", "domain", "config", "web"],
  testing: core
}

/** Single files that a room may import beyond its arrows. */
const exceptions: ReadonlyArray<readonly [from: Room, to: RegExp, when?: (one: Import) => boolean]> = [
  // The configuration knows what the settings are called, what an override is, and which addresses are allowed.
  ["config", /^consent\/Overrides\.ts$/, (one) => one.typeOnly],
  ["config", /^persistence\/Settings\.ts$/],
  ["config", /^submission\/Endpoint\.ts$/],
  ["beacon", /^collection\/errors\/(Description|Thrown)\.ts$/],
  ["collector", /^submission\/Contract\.ts$/],
  // Webhooks are called where clients may send as well, and tried again after delays of the same kind.
  ["collector", /^submission\/Endpoint\.ts$/],
  ["collector", /^scheduling\/RetryPolicy\.ts$/],
  ["cli", /^collector\//, (one) => one.dynamic || one.typeOnly]
]

const isAllowed = (one: Import): boolean => {
  const from = roomOf(one.from)
  const to = roomOf(one.to ?? "")
  if (from === undefined || to === undefined) return false
  return from === to || arrows[from].includes(to) ||
    exceptions.some(([room, file, when]) => room === from && file.test(one.to ?? "") && (when?.(one) ?? true))
}

const shown = (one: Import): string => `src/${one.from} imports ${one.to ?? one.specifier}`

const all = sources.flatMap((source) => source.imports)
const inside = all.filter((one) => one.to !== null)

/** Files that stand between the program and the world. */
const isBoundary = (source: Source): boolean =>
  /^(node|browser|beacon|promise)\/|^Client\.ts$|^cli\/(main|Shell)\.ts$|^collector\/(main|FastPath)\.ts$/.test(
    source.name
  )

describe("the rooms", () => {
  it("take in every file", () => {
    expect(sources.length).toBeGreaterThan(50)
    expect(sources.filter((source) => roomOf(source.name) === undefined).map((source) => source.name)).toEqual([])
    expect(inside.filter((one) => !sources.some((source) => source.name === one.to)).map(shown)).toEqual([])
  })

  it("import each other one way only", () => {
    expect(inside.filter((one) => !isAllowed(one)).map(shown)).toEqual([])
  })

  it("have no cycles of files", () => {
    expect(cycles(sources)).toEqual([])
  })

  it("let SQL be known to nobody above persistence but the platforms", () => {
    const may = /^(persistence\/Sql|node|browser|testing|collector)\//
    expect(inside.filter((one) => (one.to ?? "").startsWith("persistence/Sql/") && !may.test(one.from)).map(shown))
      .toEqual(
        []
      )
    expect(
      all.filter((one) => /^@effect\/sql|^better-sqlite3/.test(one.specifier) && !may.test(one.from)).map(shown)
    ).toEqual([])
  })

  it("keep node: out of the core", () => {
    const may = /^(node|promise|cli|collector)\//
    expect(all.filter((one) => one.specifier.startsWith("node:") && !may.test(one.from)).map(shown)).toEqual([])
  })

  it("load SQLite and the HTTP client of Node only when they are needed", () => {
    const heavy = /^(better-sqlite3|undici|@effect\/sql-sqlite-node|@effect\/platform-node)/
    const found = all.filter((one) =>
      heavy.test(one.specifier) && /^(node|promise)\//.test(one.from) && !one.dynamic && !one.typeOnly
    )
    expect(found.map(shown)).toEqual([])
  })

  it("load the cluster only when a collector shares its background work", () => {
    const found = all.filter((one) =>
      /^@effect\/(cluster|rpc|workflow)/.test(one.specifier) && one.from !== "collector/JobsCluster.ts" ||
      one.to === "collector/JobsCluster.ts" && !one.dynamic
    )
    expect(found.map(shown)).toEqual([])
  })

  it("never import a package by its index where there are subpaths", () => {
    expect(all.filter((one) => /^(effect|@effect\/[^/]+)$/.test(one.specifier)).map(shown)).toEqual([])
  })

  it("let a beacon depend on nothing but the library that measures Web Vitals", () => {
    const found = all.filter((one) => one.from.startsWith("beacon/") && one.to === null)
    expect(found.map(shown)).toEqual(["src/beacon/Vitals.ts imports web-vitals"])
  })

  it("never import a test runner", () => {
    expect(all.filter((one) => /vitest/.test(one.specifier)).map(shown)).toEqual([])
  })
})

describe("the style", () => {
  const everywhere = (rule: (source: Source) => ReadonlyArray<string>, where: (source: Source) => boolean) =>
    sources.filter(where).flatMap(rule)

  it("keeps clock, randomness, timers, process and console at the boundary", () => {
    expect(everywhere(ambientUses(), (source) => !isBoundary(source))).toEqual([])
    expect(everywhere(ambientUses(["Buffer"]), (source) => core.includes(roomOf(source.name) ?? "node"))).toEqual([])
  })

  it("runs effects at the boundary only", () => {
    expect(everywhere(runs, (source) => !isBoundary(source) && source.name !== "cli/Run.ts")).toEqual([])
  })

  it("makes no generator anew for a batch", () => {
    const isPerBatch = ({ name }: Source) =>
      name.startsWith("scheduling/drain/") ||
      /^collector\/(?:Batch|Rollup|Event|Contexts|Ingest|Transaction)/.test(name)
    expect(sources.filter(isPerBatch).length).toBeGreaterThan(15)
    expect(everywhere(remadeGenerators, isPerBatch)).toEqual([])
  })

  it("goes around the type checker nowhere", () => {
    expect(everywhere(escapes, () => true)).toEqual([])
  })

  it("documents every export, with the version it came in", () => {
    expect(everywhere(undocumented, (source) => !source.name.startsWith("internal/"))).toEqual([])
  })

  it("leaves nothing to do", () => {
    const found = sources.filter((source) => /\b(TODO|FIXME|XXX|HACK)\b/.test(source.text))
    expect(found.map((source) => source.name)).toEqual([])
  })

  it("keeps files short: none over 350 lines, half of them under 120", () => {
    const lines = sources.map((source) => [source.name, source.text.split("\n").length - 1] as const)
    expect(lines.filter(([_, count]) => count > 350)).toEqual([])
    const counts = lines.map(([_, count]) => count).toSorted((a, b) => a - b)
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThan(120)
  })
})

describe("the rules themselves", () => {
  const of = (name: string, text: string) => parse(name, text)

  it.each([
    ["domain/A.ts", "../collection/Intake.js"],
    ["domain/A.ts", "../TelemetryConfig.js"],
    ["persistence/A.ts", "../scheduling/Plan.js"],
    ["submission/A.ts", "../persistence/EventStore.js"],
    ["scheduling/A.ts", "../collection/Intake.js"],
    ["collection/A.ts", "../submission/Transport.js"],
    ["collector/A.ts", "../submission/Transport.js"],
    ["node/A.ts", "../cli/Cli.js"],
    ["web/A.ts", "../LocalStats.js"],
    ["web/A.ts", "../cli/render/text.js"],
    ["node/A.ts", "../web/Html.js"],
    ["cli/commands/a.ts", "../../collector/index.js"],
    ["index.ts", "./node/index.js"],
    ["Telemetry.ts", "./testing/index.js"],
    ["TelemetryConfig.ts", "./consent/Overrides.js"],
    ["unknown/A.ts", "../domain/Level.js"]
  ])("see that %s may not import %s", (name, specifier) => {
    const imports = of(name, `import * as X from "${specifier}"`).imports
    expect(imports.map(isAllowed)).toEqual([false])
  })

  it.each([
    ["domain/A.ts", "import * as X from \"../Policy.js\""],
    ["scheduling/drain/A.ts", "import { X } from \"../../persistence/SubmissionQueue.js\""],
    ["cli/commands/a.ts", "const x = import(\"../../collector/index.js\")"],
    ["cli/commands/a.ts", "import type { X } from \"../../collector/Keys.js\""],
    ["TelemetryConfig.ts", "import { type X } from \"./consent/Overrides.js\""],
    ["web/A.ts", "import * as X from \"../domain/Histogram.js\""],
    ["cli/view/A.ts", "import * as X from \"../../web/Html.js\""],
    ["collector/A.ts", "import * as X from \"../web/Html.js\""],
    ["testing/A.ts", "export * from \"../Telemetry.js\""]
  ])("let %s have %s", (name, text) => {
    expect(of(name, text).imports.map(isAllowed)).toEqual([true])
  })

  it.each([
    "const t = Date.now()",
    "const t = new Date()",
    "const r = Math.random()",
    "setTimeout(() => {}, 1)",
    "const e = process.env",
    "console.log(1)",
    "const f = fetch",
    "const o = { send: fetch }",
    "f(performance.now())"
  ])("find what is ambient in %s", (text) => {
    expect(ambientUses()(of("domain/A.ts", text)).length).toBeGreaterThan(0)
  })

  it.each([
    "const d = new Date(n)",
    "const process = yield* Process; process.owner",
    "const t = self.process.owner",
    "const o = { process: 1, console: 2 }",
    "interface A { readonly process: number }",
    "const f = (fetch: F) => fetch(1)",
    "// console.log(1)"
  ])("find nothing ambient in %s", (text) => {
    expect(ambientUses()(of("domain/A.ts", text))).toEqual([])
  })

  it("find effects that are run, ways around the checker, silent exports and cycles", () => {
    expect(runs(of("domain/A.ts", "Effect.runSync(x); Runtime.runFork(r)(x); Effect.map(x)"))).toHaveLength(2)
    const nested = "const a = Effect.gen(function*() { const b = () => Effect.gen(function*() {}) }); Effect.gen(c)"
    expect(remadeGenerators(of("domain/A.ts", nested))).toHaveLength(1)
    expect(escapes(of("domain/A.ts", "const x: any = y as unknown as Z // @ts-ignore"))).toHaveLength(3)
    expect(undocumented(of("domain/A.ts", "export const a = 1\n/** @since 0.1.0 */\nexport const b = 2"))).toHaveLength(
      1
    )
    expect(undocumented(of("domain/A.ts", "/** Says it. */\nexport const a = 1"))).toHaveLength(1)
    const cycle = [of("domain/A.ts", "import * as B from \"./B.js\""), of("domain/B.ts", "export * from \"./A.js\"")]
    expect(cycles(cycle)).toEqual(["domain/A.ts → domain/B.ts → domain/A.ts"])
    const typed = [cycle[0]!, of("domain/B.ts", "import type { A } from \"./A.js\"")]
    expect(cycles(typed)).toEqual([])
  })
})
