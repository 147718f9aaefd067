import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import * as Completions from "../../src/cli/Completions.js"
import * as Grammar from "../../src/cli/Grammar.js"
import { make } from "./world.js"

const complete = (...words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const script = [
    Completions.bash("effect-telemetry", Grammar.root),
    "COMP_WORDS=(effect-telemetry \"$@\")",
    "COMP_CWORD=$#",
    "_effect_telemetry_complete",
    "printf '%s\\n' \"${COMPREPLY[@]}\""
  ].join("\n")
  const ran = spawnSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" })
  expect(ran.stderr).toBe("")
  return ran.stdout.split("\n").filter((line) => line !== "")
}

describe("completion in bash", () => {
  it("knows commands, their subcommands, options and words", () => {
    expect(complete("st")).toEqual(["status", "stats"])
    expect(complete("queue", "")).toEqual(
      ["list", "dead", "why", "sent", "requeue", "clear", "--json", "--data-dir", "--help"]
    )
    expect(complete("--json", "collector", "keys", "cr")).toEqual(["create"])
    expect(complete("stats", "--by", "")).toEqual(["hour", "day", "week", "month"])
    expect(complete("stats", "--json", "--by", "w")).toEqual(["week"])
    expect(complete("enable", "--re")).toEqual(["--remote"])
    expect(complete("track", "--count", "")).toEqual([])
    expect(complete("--data-dir", "/usr/loca")).toEqual(["/usr/local"])
  })
})

describe("completion in other shells", () => {
  it.effect("is that of bash in zsh, by its emulation", () =>
    Effect.gen(function*() {
      const world = yield* make
      const { code, out } = yield* world.run("--completions", "zsh")
      expect(code).toBe(0)
      expect(out.split("\n")[0]).toContain("bashcompinit")
      expect(out).toContain(Completions.bash("effect-telemetry", Grammar.root))
    }))

  it.effect("knows every command in fish", () =>
    Effect.gen(function*() {
      const world = yield* make
      const { code, out } = yield* world.run("--completions", "fish")
      expect(code).toBe(0)
      for (const [word, node] of Object.entries(Grammar.root.children)) {
        expect(out).toContain(`complete -c effect-telemetry -n "__fish_use_subcommand" -f -a "${word}"`)
        for (const child of Object.keys(node.children)) expect(out).toMatch(new RegExp(`_from ${word}.* -a "${child}"`))
      }
    }))
})
