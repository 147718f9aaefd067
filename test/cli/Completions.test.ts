import { describe, expect, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import * as Completions from "../../src/cli/Completions.js"
import * as Grammar from "../../src/cli/Grammar.js"

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
