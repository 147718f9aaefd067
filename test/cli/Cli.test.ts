import * as Command from "@effect/cli/Command"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { FileSystem } from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Cli from "../../src/cli/Cli.js"
import * as Grammar from "../../src/cli/Grammar.js"
import { make } from "./world.js"

const leaves = (node: Grammar.Node, words: ReadonlyArray<string>): ReadonlyArray<readonly [string, Grammar.Node]> =>
  Object.keys(node.children).length === 0
    ? [[words.join(" "), node]]
    : Object.entries(node.children).flatMap(([word, child]) => leaves(child, [...words, word]))

/** From what the parser's help shows behind the name of an option. */
const arityOf = (shown: string): Grammar.Arity =>
  shown === ""
    ? "flag"
    : shown.includes(" | ")
    ? shown.split(" | ")
    : shown === "N"
    ? "integer"
    : shown.endsWith("...")
    ? "texts"
    : "text"

/** From what the parser's help shows of an argument: `<ID>`, `[<ID>]` or `<ID>...`. */
const countOf = (shown: string): Grammar.Argument["count"] =>
  shown.endsWith("...") ? "any" : shown.startsWith("[") ? "optional" : "one"

describe("the grammar", () => {
  it.effect("is that of the commands, argument by argument", () =>
    Effect.gen(function*() {
      const world = yield* make
      for (const [words, node] of leaves(Grammar.root, [])) {
        const help = (yield* world.run(...words.split(" "), "--help")).out
        const usage = help.split("\n").find((line) => line.startsWith("$ ")) ?? ""
        const shown = [...usage.matchAll(/\[<[A-Z]+>\]|<[A-Z]+>(\.\.\.)?/g)].map(([text]) => [
          text.replace(/[^A-Z]/g, ""),
          countOf(text)
        ])
        expect([words, shown]).toEqual([words, node.args.map(({ count, name }) => [name, count])])
        const required = [...usage.matchAll(/(\[)?--([\w-]+)([^[\]<-]*)/g)]
          .filter(([, bracket, , rest]) => bracket === undefined && !rest!.trim().endsWith("..."))
          .map(([, , name]) => name)
        expect([words, required]).toEqual([words, node.required])
      }
    }))

  it.effect("is that of the commands, option by option", () =>
    Effect.gen(function*() {
      const world = yield* make
      const builtIn = Object.keys(Grammar.builtIn)
      for (const [words, node] of leaves(Grammar.root, [])) {
        const help = (yield* world.run(...words.split(" "), "--help")).out
        const section = help.slice(help.indexOf("OPTIONS"))
        const shown = [...section.matchAll(/^ *(?:\(?-\w, )?--([\w-]+)(.*)$/gm)]
          .map(([, name, rest]) => [name!, arityOf(rest!.trim().replace(/^\)/, ""))] as const)
          .filter(([name]) => !builtIn.includes(name))
        expect([words, Object.fromEntries(shown)]).toEqual([words, node.options])
      }
    }))
})

describe("mounted in a host", () => {
  const shell = { interactive: false, progress: false, style: { color: false, columns: null }, lines: Stream.empty }

  const host = (dirs: Array<string | undefined>) =>
    Command.make("ax").pipe(Command.withSubcommands([
      Cli.make({
        app: { name: "ax", version: "2.0.0" },
        shell,
        layer: ({ dataDir }) => {
          dirs.push(dataDir)
          return Layer.fail({ message: "away" })
        }
      })
    ]))

  it.effect("takes options at every place among its words, and hands them down", () =>
    Effect.gen(function*() {
      const dirs: Array<string | undefined> = []
      const ax = Command.run(host(dirs), { name: "ax", version: "2.0.0" })
      for (
        const argv of [
          ["telemetry", "queue", "dead", "--json", "--data-dir", "a"],
          ["telemetry", "queue", "--data-dir", "b", "--json", "dead"],
          ["telemetry", "--data-dir", "c", "queue", "--json", "dead"]
        ]
      ) {
        const exit = yield* Effect.exit(ax(["node", "ax", ...argv]))
        expect(Exit.isFailure(exit) && String(exit.cause)).toContain("away")
      }
      expect(dirs).toEqual(["a", "b", "c"])
    }).pipe(Effect.provide(NodeContext.layer)))

  it.effect("refuses two different directories", () =>
    Effect.gen(function*() {
      const dirs: Array<string | undefined> = []
      const ax = Command.run(host(dirs), { name: "ax", version: "2.0.0" })
      const exit = yield* Effect.exit(ax(["node", "ax", "telemetry", "--data-dir", "a", "submit", "--data-dir", "b"]))
      expect(Exit.isFailure(exit) && String(exit.cause)).toContain("given twice")
      expect(dirs).toEqual([])
    }).pipe(Effect.provide(NodeContext.layer)))
})

describe("export --output", () => {
  const filled = Effect.gen(function*() {
    const world = yield* make
    yield* world.run("enable")
    yield* world.run("track", "feature_used", "--data", "{\"featureName\":\"x\"}", "--count", "3")
    const fs = yield* FileSystem
    return { world, fs, dir: yield* fs.makeTempDirectoryScoped() }
  })

  it.scoped("writes a file for its owner only, and says how much", () =>
    Effect.gen(function*() {
      const { dir, fs, world } = yield* filled
      const ran = yield* world.run("export", "--format", "ndjson", "--output", `${dir}/out`, "--json")
      expect([ran.code, JSON.parse(ran.out)]).toEqual([0, { events: 3, output: `${dir}/out` }])
      expect((yield* fs.readFileString(`${dir}/out`)).trim().split("\n")).toHaveLength(3)
      expect((yield* fs.stat(`${dir}/out`)).mode & 0o777).toBe(0o600)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("leaves alone what is there, unless forced, and never follows a link", () =>
    Effect.gen(function*() {
      const { dir, fs, world } = yield* filled
      yield* fs.writeFileString(`${dir}/mine`, "mine")
      yield* fs.symlink(`${dir}/mine`, `${dir}/link`)
      yield* fs.symlink(`${dir}/nowhere`, `${dir}/dangling`)
      for (const name of ["mine", "link", "dangling"]) {
        const ran = yield* world.run("export", "--output", `${dir}/${name}`)
        expect([name, ran.code]).toEqual([name, 1])
        expect(ran.err).toContain("--force")
      }
      expect((yield* world.run("export", "--output", `${dir}/link`, "--force")).code).toBe(0)
      expect(yield* fs.readFileString(`${dir}/mine`)).toBe("mine")
      expect(JSON.parse(yield* fs.readFileString(`${dir}/link`))).toHaveLength(3)
      expect((yield* fs.readDirectory(dir)).sort()).toEqual(["dangling", "link", "mine"])
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("says where it cannot write", () =>
    Effect.gen(function*() {
      const { dir, world } = yield* filled
      const ran = yield* world.run("export", "--output", `${dir}/no/such/place`)
      expect(ran.code).toBe(1)
      expect(ran.err).toContain("cannot be written")
    }).pipe(Effect.provide(NodeContext.layer)))
})
