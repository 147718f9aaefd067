import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as fc from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Directories from "../../src/node/Directories.js"
import { at, modeOf, start, temporary } from "./support.js"

const locate = (
  platform: NodeJS.Platform,
  variables: Record<string, string>,
  appName = "ax",
  dataDir: string | null = null
) =>
  Either.match(Directories.locate({ platform, variables, appName, dataDir }), {
    onLeft: (error) => error.message,
    onRight: (found) => found
  })

describe("Directories.locate", () => {
  it("follows the platform", () => {
    expect(locate("linux", { HOME: "/home/ann" })).toBe("/home/ann/.local/share/ax")
    expect(locate("linux", { HOME: "/home/ann", XDG_DATA_HOME: "/data" })).toBe("/data/ax")
    expect(locate("linux", { XDG_DATA_HOME: "/data" })).toBe("/data/ax")
    expect(locate("linux", { HOME: "/home/ann", XDG_DATA_HOME: "relative" })).toBe("/home/ann/.local/share/ax")
    expect(locate("linux", { HOME: "/home/ann", XDG_DATA_HOME: "" })).toBe("/home/ann/.local/share/ax")
    expect(locate("freebsd", { HOME: "/home/ann" })).toBe("/home/ann/.local/share/ax")
    expect(locate("darwin", { HOME: "/Users/ann", XDG_DATA_HOME: "/data" }))
      .toBe("/Users/ann/Library/Application Support/ax")
    expect(locate("win32", { LOCALAPPDATA: "C:\\Users\\ann\\AppData\\Local" })).toBe(
      "C:\\Users\\ann\\AppData\\Local\\ax"
    )
    expect(locate("win32", { USERPROFILE: "C:\\Users\\ann" })).toBe("C:\\Users\\ann\\AppData\\Local\\ax")
  })

  it("takes the directory that is named, and then no other", () => {
    expect(locate("linux", { HOME: "/home/ann", XDG_DATA_HOME: "/data" }, "ax", "/srv/telemetry")).toBe(
      "/srv/telemetry"
    )
    expect(locate("linux", {}, "ax", "/srv/telemetry/")).toBe("/srv/telemetry")
    expect(locate("linux", {}, "ax", "state")).toBe(path.resolve("state"))
    expect(locate("linux", { HOME: "/home/ann" }, "ax", "")).toMatch(/empty name/)
  })

  it.each(
    [
      ["linux", "HOME"],
      ["darwin", "HOME"],
      ["win32", "LOCALAPPDATA"]
    ] as const
  )("has no place on %s without %s, and says what to do", (platform, variable) => {
    const message = new RegExp(`^there is no place .*${variable} is not set.*--data-dir or TELEMETRY_DATA_DIR$`)
    expect(locate(platform, {})).toMatch(message)
    expect(locate(platform, { [variable]: "" })).toMatch(message)
    expect(locate(platform, { [variable]: "relative" })).toMatch(message)
  })

  it.each([
    ["ax", "ax"],
    ["@acme/ax", "acme-ax"],
    ["My Tool 2.0", "My-Tool-2.0"],
    ["Größe", "Größe"],
    ["../../etc", "etc"],
    ["..", "app-"],
    ["/", "app-"],
    ["", "app-"],
    ["con", "app-con"],
    ["a\u0000b\nc", "a-b-c"],
    ["C:\\Windows", "C-Windows"],
    ["x".repeat(300), "x".repeat(64)]
  ])("makes the name %j a single safe part: %j", (name, part) => {
    expect(Directories.sanitize(name)).toBe(part)
  })

  it.prop("never leaves the base, whatever the application is called", [fc.string({ unit: "binary" })], ([name]) => {
    const found = locate("linux", { HOME: "/home/ann" }, name)
    expect(path.posix.dirname(found)).toBe("/home/ann/.local/share")
    expect(found).toBe(path.posix.normalize(found))
    expect(found).not.toMatch(/\p{Cc}/u)
  })
})

describe("Directories.ensure", () => {
  it.scoped("creates with mode 0700 on first use only, whatever the umask", () =>
    Effect.gen(function*() {
      const root = yield* temporary
      const directory = path.join(root, "a", "b")
      const before = process.umask(0)
      yield* Effect.addFinalizer(() => Effect.sync(() => process.umask(before)))
      const service = at(directory)
      expect(service.path).toBe(directory)
      expect(fs.readdirSync(root)).toEqual([])
      expect(yield* service.ensure).toBe(directory)
      expect([modeOf(directory), modeOf(path.dirname(directory))]).toEqual([0o700, 0o700])
    }))

  it.scoped("closes a directory that is open to others", () =>
    Effect.gen(function*() {
      const root = yield* temporary
      fs.chmodSync(root, 0o755)
      yield* at(root).ensure
      expect(modeOf(root)).toBe(0o700)
    }))

  it.scoped("refuses a planted link, a file, a place shared with others, and the home directory", () =>
    Effect.gen(function*() {
      const root = yield* temporary
      const elsewhere = path.join(root, "elsewhere")
      fs.mkdirSync(elsewhere)
      fs.symlinkSync(elsewhere, path.join(root, "link"))
      fs.symlinkSync(path.join(root, "nowhere"), path.join(root, "dangling"))
      fs.writeFileSync(path.join(root, "file"), "")
      fs.mkdirSync(path.join(root, "shared"))
      fs.chmodSync(path.join(root, "shared"), 0o1777)
      const why = (directory: string, home = "/home/ann") =>
        Effect.map(
          Effect.flip(
            Directories.make({
              appName: "ax",
              dataDir: directory,
              platform: "linux",
              variables: { HOME: home }
            }).ensure
          ),
          (error) => error.message
        )
      expect(yield* why(path.join(root, "link"))).toMatch(/symbolic link/)
      expect(yield* why(path.join(root, "dangling"))).toMatch(/symbolic link/)
      expect(fs.existsSync(path.join(root, "nowhere"))).toBe(false)
      expect(yield* why(path.join(root, "file"))).toMatch(/not a directory/)
      expect(yield* why(path.join(root, "file", "below"))).toMatch(/cannot be used \(ENOTDIR\)/)
      expect(yield* why(path.join(root, "shared"))).toMatch(/shared with others/)
      expect(modeOf(path.join(root, "shared"))).toBe(0o777)
      expect(yield* why(elsewhere, elsewhere)).toMatch(/directory of its own/)
      expect(yield* why("/")).toMatch(/directory of its own/)
    }))

  it.scoped("does not create the home directory itself", () =>
    Effect.gen(function*() {
      const root = yield* temporary
      const home = path.join(root, "nonexistent")
      const service = Directories.make({
        appName: "ax",
        dataDir: null,
        platform: "linux",
        variables: { HOME: home }
      })
      expect((yield* Effect.flip(service.ensure)).message).toMatch(/does not exist/)
      expect(fs.existsSync(home)).toBe(false)
      fs.mkdirSync(home)
      expect(yield* service.ensure).toBe(path.join(home, ".local", "share", "ax"))
    }))

  it.scoped("heals when the cause goes away", () =>
    Effect.gen(function*() {
      const root = yield* temporary
      const file = path.join(root, "file")
      fs.writeFileSync(file, "")
      const service = at(path.join(file, "data"))
      yield* Effect.flip(service.ensure)
      fs.rmSync(file)
      expect(yield* service.ensure).toBe(path.join(file, "data"))
    }))
})

describe("Directories.layer", () => {
  const pathWith = (variables: Record<string, string>, dataDir?: string) =>
    Effect.map(Directories.Directories, (service) => service.path).pipe(
      Effect.provide(Directories.layer({ appName: "ax", dataDir })),
      Effect.provide(Layer.setConfigProvider(
        ConfigProvider.fromMap(new Map(Object.entries(variables)), { pathDelim: "_" }).pipe(ConfigProvider.nested("AX"))
      ))
    )

  it.effect("takes the option before the variable, which is read under the host's prefix", () =>
    Effect.gen(function*() {
      expect(yield* pathWith({ AX_TELEMETRY_DATA_DIR: "/from/env" }, "/from/option")).toBe("/from/option")
      expect(yield* pathWith({ AX_TELEMETRY_DATA_DIR: "/from/env" })).toBe("/from/env")
      expect(yield* pathWith({ TELEMETRY_DATA_DIR: "/not/ours" })).toMatch(/[/\\]ax$/)
    }))

  it("fails typed and creates nothing in a process without HOME", async () => {
    const { ended } = start("place", [], { env: { PATH: process.env["PATH"] } })
    const report = JSON.parse((await ended).stdout)
    expect(report.path).toBeNull()
    for (const part of ["read", "settings", "ensure"]) {
      expect(report[part]).toMatchObject({ _tag: "Left", left: expect.stringContaining("HOME is not set") })
    }
  })

  it("fails typed and creates nothing when HOME does not exist", async () => {
    const { ended } = start("place", [], { env: { PATH: process.env["PATH"], HOME: "/nonexistent" } })
    const report = JSON.parse((await ended).stdout)
    expect(report.path).toBe("/nonexistent/.local/share/acme-ax")
    expect(report.read).toMatchObject({ _tag: "Right", right: null })
    expect(report.ensure.left).toMatch(/\/nonexistent does not exist/)
    expect(fs.existsSync("/nonexistent")).toBe(false)
  })
})
