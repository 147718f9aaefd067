import { describe, expect, it } from "@effect/vitest"
import { type CommandLine, read, toArgv } from "../../src/cli/CommandLine.js"
import { type Arity, type Node, root } from "../../src/cli/Grammar.js"

const optionsOf = (node: Node): ReadonlyArray<readonly [name: string, arity: Arity]> => [
  ...Object.entries(node.options),
  ...Object.values(node.children).flatMap(optionsOf)
]

const understood = (...argv: ReadonlyArray<string>): CommandLine => {
  const line = read(argv)
  if ("_tag" in line) throw new Error(line.message)
  return line
}

const refused = (...argv: ReadonlyArray<string>): string => {
  const line = read(argv)
  if (!("_tag" in line)) throw new Error(`understood as ${line.words.join(" ")}`)
  return line.message
}

describe("CommandLine", () => {
  it("has no option that takes a value in one command and none in another: it may stand before its command", () => {
    const takes = new Map<string, Set<boolean>>()
    for (const [name, arity] of optionsOf(root)) takes.set(name, (takes.get(name) ?? new Set()).add(arity !== "flag"))
    expect([...takes].flatMap(([name, kinds]) => kinds.size > 1 ? [name] : [])).toEqual([])
  })

  it("finds options before, between and after the words of a command", () => {
    for (
      const argv of [
        ["--json", "--data-dir", "d", "queue", "dead", "--limit", "3"],
        ["queue", "--json", "--data-dir", "d", "--limit=3", "dead"],
        ["queue", "dead", "--limit", "3", "--data-dir=d", "--json"]
      ]
    ) {
      const line = understood(...argv)
      expect(line.words).toEqual(["queue", "dead"])
      expect(Object.fromEntries(line.options)).toEqual({ json: true, "data-dir": "d", limit: "3" })
    }
  })

  it("does not take the value of an option for a word", () => {
    expect(understood("--data-dir", "status", "queue", "list").words).toEqual(["queue", "list"])
    expect(understood("track", "--data", "export", "status").args).toEqual(["status"])
  })

  it("completes a group by the word that is meant", () => {
    expect(understood("queue").words).toEqual(["queue", "list"])
    expect(understood("config", "--json").words).toEqual(["config", "list"])
    expect(understood("collector", "keys").words).toEqual(["collector", "keys", "list"])
    expect(refused("debug")).toContain("on, off, tail")
  })

  it("refuses what it does not know, and says what is near", () => {
    expect(refused("statsu")).toContain("Did you mean \"stats\"?")
    expect(refused("queue", "lst")).toContain("Did you mean \"list\"?")
    expect(refused("status", "--jsno")).toContain("Did you mean \"--json\"?")
    expect(refused("__proto__")).toContain("Unknown command")
    expect(refused("status", "--constructor")).toContain("Unknown option")
    expect(refused("status", "-x")).toContain("Unknown option")
  })

  it("refuses an option of another command instead of ignoring it", () => {
    expect(refused("status", "--remote")).toContain("\"status\" has no such option")
    expect(refused("--limit", "3", "status")).toContain("cannot be used here")
    expect(refused("--json")).toContain("Which command?")
  })

  it("says which argument or option is missing, too many or of another kind, and what it is", () => {
    expect(refused("queue", "why")).toBe("\"queue why\" needs ID: a number of queue list, or the id of an event.")
    expect(refused("config", "set")).toContain("needs KEY")
    expect(refused("debug", "preview", "--json")).toContain("needs TYPE")
    expect(refused("status", "extra")).toBe("\"status\" takes no argument: \"extra\" is one too many.")
    expect(refused("config", "set", "a", "b", "c")).toBe("\"config set\" takes only KEY VALUE: \"c\" is one too many.")
    expect(refused("queue", "requeue", "1", "x")).toBe("ID: expected a number of queue dead, not \"x\".")
    expect(understood("queue", "requeue", "1", "2", "3").args).toEqual(["1", "2", "3"])
    expect(refused("collector", "keys", "create")).toContain("needs --role: one of ingest, read, admin.")
    expect(understood("queue", "why", "--help").words).toEqual(["queue", "why"])
  })

  it("suggests no option that the command has not", () => {
    expect(refused("disable", "--foo")).toBe("Unknown option \"--foo\".")
    expect(refused("stats", "--form")).toContain("Did you mean \"--from\"?")
  })

  it("refuses a missing value, a value for a flag, and two values for one option", () => {
    expect(refused("status", "--data-dir")).toContain("needs a value")
    expect(refused("status", "--data-dir", "--json")).toContain("needs a value")
    expect(refused("status", "--json=1")).toContain("takes no value")
    expect(refused("status", "--data-dir", "a", "--data-dir", "b")).toContain("given twice")
    expect(understood("status", "--data-dir", "a", "--data-dir", "a", "--json", "--json").words).toEqual(["status"])
  })

  it("takes an option that may be given often as often as it is given, and hands them on together", () => {
    const line = understood("collector", "keys", "create", "--origin", "a", "--role=ingest", "--origin=b")
    expect(toArgv(line).slice(3)).toEqual(["--origin", "a", "--origin", "b", "--role", "ingest"])
  })

  it("takes everything after two dashes as arguments", () => {
    expect(understood("config", "set", "--", "level", "--json").args).toEqual(["level", "--json"])
  })

  it("hands the parser words, options and arguments in an order that it does not lose", () => {
    expect(toArgv(understood("--json", "config", "set", "burst", "-5", "--data-dir=x"))).toEqual(
      ["config", "set", "--json", "true", "--data-dir", "x", "--", "burst", "-5"]
    )
    expect(toArgv(understood("queue", "--help"))).toEqual(["queue", "--help"])
    expect(toArgv(understood("--completions", "bash"))).toEqual(["--completions", "bash"])
  })
})
