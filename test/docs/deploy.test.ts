/** The files for containers, as far as they can be judged without an engine. */
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"

const root = path.resolve(import.meta.dirname, "../..")
const read = (name: string): string => fs.readFileSync(path.join(root, name), "utf8")

interface Instruction {
  readonly name: string
  readonly rest: string
}

/** Comments out, continued lines joined. */
const instructions = (text: string): ReadonlyArray<Instruction> =>
  text.replace(/^#.*\n/gm, "").replace(/\\\n\s*/g, "").split("\n").filter((line) => line !== "").map((line) => {
    const [, name = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    return { name, rest }
  })

const stages = instructions(read("docs/deploy/Dockerfile"))
const last = stages.slice(stages.findLastIndex(({ name }) => name === "FROM"))
const of = (name: string): ReadonlyArray<string> => last.filter((one) => one.name === name).map(({ rest }) => rest)

describe("the image", () => {
  it("has instructions that are known, each in its form", () => {
    const known = new Set(
      "FROM WORKDIR COPY RUN ENV USER VOLUME EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD".split(" ")
    )
    expect(stages.filter(({ name, rest }) => !known.has(name) || rest === "")).toEqual([])
    expect(stages[0]?.name).toBe("FROM")
    for (const json of [...of("ENTRYPOINT"), ...of("CMD"), ...of("VOLUME")]) {
      expect(Array.isArray(JSON.parse(json)), json).toBe(true)
    }
  })

  it("runs on a Node that the package allows, in both stages", () => {
    const versions = stages.filter(({ name }) => name === "FROM").map(({ rest }) =>
      Number(/node:(\d+)/.exec(rest)?.[1])
    )
    expect(versions).toEqual([22, 22])
  })

  it("does not run as root, and starts the collector", () => {
    expect(of("USER")).toEqual(["node"])
    const at = (name: string) => last.findIndex((one) => one.name === name)
    expect(at("USER")).toBeGreaterThan(last.findLastIndex(({ name }) => name === "RUN"))
    expect(JSON.parse(of("ENTRYPOINT")[0]!)).toEqual(["node", "/app/bin.cjs"])
    expect(JSON.parse(of("CMD")[0]!)).toEqual(["collector", "serve"])
    expect(of("STOPSIGNAL")).toEqual(["SIGTERM"])
  })

  it("asks itself whether it is ready, without a shell", () => {
    const [, command = ""] = /CMD (\[.*\])$/.exec(of("HEALTHCHECK")[0]!) ?? []
    const [program, flag, script]: ReadonlyArray<string> = JSON.parse(command)
    expect([program, flag]).toEqual(["node", "-e"])
    expect(script).toContain("/readyz")
    expect(() => new Function(script!)).not.toThrow()
  })

  it("holds no secret, and nothing that the build does not need", () => {
    expect(stages.filter(({ name }) => name === "ARG" || name === "ADD")).toEqual([])
    expect(of("ENV").join(" ")).not.toMatch(/URL|KEY|PASSWORD|SECRET/)
    const ignored = read(".dockerignore").split("\n")
    for (const name of [".git", "node_modules", "test", "**/secrets", "**/.env*"]) expect(ignored).toContain(name)
  })

  it("copies what the bundle leaves outside, with all that it needs", () => {
    const copied = stages.flatMap(({ rest }) =>
      [...rest.matchAll(/node_modules\/([a-z0-9-]+)/g)].map((match) => match[1]!)
    )
    const needed = new Set<string>()
    const need = (name: string): void => {
      if (needed.has(name)) return
      needed.add(name)
      const { dependencies = {} } = JSON.parse(read(`node_modules/${name}/package.json`))
      // What only fetches a prebuilt binary is done with when the image is built.
      for (const other of Object.keys(dependencies).filter((one) => one !== "prebuild-install")) need(other)
    }
    need("better-sqlite3")
    expect([...needed].filter((name) => !copied.includes(name))).toEqual([])
  })
})

describe("the composition", () => {
  const { networks, secrets, services, volumes } = parse(read("docs/deploy/compose.yaml"), { merge: true })
  const collectors = Object.entries<Record<string, unknown>>(services).filter(([name]) => name.startsWith("collector-"))

  it("has two replicas that differ in nothing, and write nowhere", () => {
    expect(collectors.map(([name]) => name)).toEqual(["collector-1", "collector-2"])
    expect(collectors[0]![1]).toEqual(collectors[1]![1])
    for (const [, service] of collectors) {
      expect(service["read_only"]).toBe(true)
      expect(service["cap_drop"]).toEqual(["ALL"])
      expect(service["security_opt"]).toEqual(["no-new-privileges:true"])
    }
  })

  it("hands secrets over in files, and declares all that it names", () => {
    const uses = Object.values<Record<string, ReadonlyArray<string> | undefined>>(services)
    for (const service of uses) {
      for (const name of service["secrets"] ?? []) expect(Object.keys(secrets)).toContain(name)
      for (const name of service["networks"] ?? []) expect(Object.keys(networks)).toContain(name)
      for (const volume of service["volumes"] ?? []) {
        const [source = ""] = volume.split(":")
        if (source.startsWith("./")) expect(fs.existsSync(path.join(root, "docs/deploy", source)), source).toBe(true)
        else expect(Object.keys(volumes)).toContain(source)
      }
      for (const name of Object.keys(service["depends_on"] ?? {})) expect(Object.keys(services)).toContain(name)
    }
    expect(JSON.stringify(services)).not.toMatch(/postgres:\/\/|PASSWORD"/)
    expect(collectors[0]![1]["environment"]).toHaveProperty("COLLECTOR_DATABASE_URL_FILE", "/run/secrets/database_url")
  })

  it("leaves only the proxy open to the outside, and gives everybody time to stop", () => {
    for (const [name, service] of Object.entries<Record<string, unknown>>(services)) {
      expect([name, "ports" in service]).toEqual([name, name === "proxy"])
      expect(service["stop_grace_period"], name).toMatch(/^\d+s$/)
    }
    expect(networks.inside.internal).toBe(true)
  })

  it("sends to every replica, through the proxy's own file", () => {
    const upstreams: string = services.proxy.environment.COLLECTOR_UPSTREAMS
    expect(upstreams.split(" ")).toEqual(collectors.map(([name]) => `${name}:4318`))
    const file = read("docs/deploy/Caddyfile")
    expect(file.split("{").length).toBe(file.split("}").length)
    expect(file).toContain("health_uri /readyz")
  })
})
