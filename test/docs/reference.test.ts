/** The guides that list things list all of them, as they are. */
import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Grammar from "../../src/cli/Grammar.js"
import * as Catalog from "../../src/domain/Catalog.js"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as Knobs from "../../src/internal/knobs.js"
import { SettingKey } from "../../src/persistence/Settings.js"
import * as TelemetryConfig from "../../src/TelemetryConfig.js"
import { root } from "./Markdown.js"

const guide = (name: string): string => fs.readFileSync(path.join(root, "docs", `${name}.md`), "utf8")

/** The cells of every row of every table. */
const rows = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  text.split("\n").filter((line) => line.startsWith("| "))
    .map((line) => line.replaceAll("\\|", "/").split("|").slice(1, -1).map((cell) => cell.trim()))

const words = (cell: string | undefined): ReadonlyArray<string> =>
  [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, text]) => text!)

const leaves = (node: Grammar.Node, before: ReadonlyArray<string> = []): ReadonlyArray<[string, Grammar.Node]> =>
  Object.keys(node.children).length === 0
    ? [[before.join(" "), node]]
    : Object.entries(node.children).flatMap(([word, child]) => leaves(child, [...before, word]))

describe("the guide of the command line", () => {
  const text = guide("cli")
  const shown = rows(text).flatMap(([cell]) => words(cell))

  it("names every command", () => {
    for (const [command] of leaves(Grammar.root)) {
      const group = `${command.split(" ").slice(0, 2).join(" ")} …`
      expect([command, shown.some((one) => `${one} `.startsWith(`${command} `) || one === group)]).toEqual([
        command,
        true
      ])
    }
  })

  it("names every option of the commands about this machine", () => {
    for (const [command, { options }] of leaves(Grammar.root)) {
      if (command.startsWith("collector")) continue
      for (const option of Object.keys(options)) {
        expect([command, option, text.includes(`--${option}`)]).toEqual([command, option, true])
      }
    }
  })
})

describe("the guide of the configuration", () => {
  const text = guide("configuration")
  const table = new Map(rows(text).map(([option, ...rest]) => [words(option)[0] ?? "", rest]))

  it("names every option", () => {
    const given = ["dataDir", "noticeFailed", "transports"]
    const known = Object.keys(TelemetryConfig.defaults()).filter((name) => name !== "destinations")
    for (const name of [...known, ...given]) expect([name, table.has(name)]).toEqual([name, true])
  })

  it("names every variable and every setting, each with its option", () => {
    const settings = new Set<string>()
    for (const knob of Object.values(Knobs)) {
      if (!("name" in knob) || !("setting" in knob)) continue
      const [variable, setting] = table.get(knob.name) ?? []
      expect([knob.name, words(variable)]).toEqual([knob.name, "variable" in knob ? [knob.variable] : []])
      expect([knob.name, words(setting)]).toEqual([knob.name, [knob.setting]])
      settings.add(knob.setting ?? "")
    }
    expect([...settings].sort()).toEqual([...SettingKey.literals].sort())
    expect(words(table.get("dataDir")?.[0])).toEqual(["TELEMETRY_DATA_DIR"])
    for (const name of ["DO_NOT_TRACK", "TELEMETRY_DISABLED", "CI", "NO_COLOR"]) expect(text).toContain(`\`${name}\``)
  })

  it("has the numbers of every profile", () => {
    const number = (n: number): string => n.toLocaleString("en-US")
    for (const [name, profile] of Object.entries(TelemetryConfig.profiles)) {
      const found = rows(text).find(([cell]) => cell === `\`${name}\``)
      expect(found?.slice(1)).toEqual(
        [profile.batchSize, profile.rateLimit, profile.burst, profile.queueLimit].map(number)
      )
    }
  })

  it("has the defaults of what is a number", () => {
    const defaults = TelemetryConfig.defaults()
    for (
      const name of [
        "batchSize",
        "rateLimit",
        "burst",
        "maxRetries",
        "queueLimit",
        "bufferSize",
        "policyVersion"
      ] as const
    ) {
      expect([name, table.get(name)?.[2]]).toEqual([name, defaults[name].toLocaleString("en-US")])
    }
    for (const name of ["worker", "automatic", "debug"] as const) {
      expect([name, table.get(name)?.[2]]).toEqual([name, String(defaults[name])])
    }
  })
})

describe("the guide of events", () => {
  const table = rows(guide("events"))

  it("names every built-in event, and the fields that a level keeps out", () => {
    for (const event of EventCatalog.builtIn) {
      const row = table.find(([types]) => words(types).includes(event.type))
      expect([event.type, row !== undefined]).toEqual([event.type, true])
      const above = Catalog.row(event).fields.filter(({ privacy }) => /enhanced|full/.test(privacy)).map(({ name }) =>
        name
      )
      if (row?.length === 3) expect([event.type, [...words(row[2])].sort()]).toEqual([event.type, above.sort()])
    }
  })

  it("names every treatment of a field", () => {
    const names = table.flatMap(([cell]) => words(cell)).map((text) => /^Privacy\.(\w+)/.exec(text)?.[1])
    expect(names.filter((name) => name !== undefined)).toEqual(
      ["allow", "redact", "truncate", "hash", "flags", "drop", "optional"]
    )
  })
})

describe("the guide of moving", () => {
  it("names nothing that is not there", () => {
    const all = rows(guide("migrating"))
    const here = all.slice(all.findIndex(([first]) => first === "PostHog") + 1)
      .flatMap(([, , cell]) => words(cell)).map((text) => /^\w+/.exec(text)?.[0] ?? "")
    const sources = [
      "Client",
      "promise/index",
      "node/TelemetryNode",
      "TelemetryConfig",
      "collection/CaptureErrors",
      "collection/Encoders",
      "testing/TelemetryTest",
      "domain/events/Session"
    ]
      .map((file) => fs.readFileSync(path.join(root, "src", `${file}.ts`), "utf8")).join("\n")
    expect(here.length).toBeGreaterThan(15)
    for (const name of here) expect([name, new RegExp(`\\b${name}\\b`).test(sources)]).toEqual([name, true])
  })
})
