import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { Overrides } from "../../src/consent/Overrides.js"
import * as NodeOverrides from "../../src/node/NodeOverrides.js"
import * as ProjectFile from "../../src/node/ProjectFile.js"
import { temporary } from "./support.js"

const withFile = (content: string) =>
  Effect.map(temporary, (directory) => {
    fs.writeFileSync(path.join(directory, ProjectFile.fileName), content)
    return directory
  })

const silent = { disabled: false, maxLevel: null, warnings: [] }

describe("ProjectFile", () => {
  const understood: ReadonlyArray<readonly [content: string, project: Partial<ProjectFile.Project>]> = [
    ["{}", {}],
    ["{\"enabled\":false}", { disabled: true }],
    ["{\"enabled\":true}", {}],
    ["{\"level\":\"basic\"}", { maxLevel: "basic" }],
    ["{\"level\":\"full\",\"enabled\":true}", { maxLevel: "full" }],
    ["{\"enabled\":false,\"level\":\"basic\"}", { disabled: true, maxLevel: "basic" }]
  ]
  for (const [content, project] of understood) {
    it.scoped(`understands ${content}`, () =>
      Effect.map(withFile(content), (directory) => {
        expect(ProjectFile.read(directory)).toEqual({ ...silent, ...project })
      }))
  }

  for (
    const content of [
      "",
      "{",
      "null",
      "[]",
      "false",
      "{\"enabled\":\"false\"}",
      "{\"enabled\":0}",
      "{\"enabled\":null}",
      "{\"level\":\"everything\"}",
      "{\"level\":null}",
      "{\"level\":[\"full\"]}"
    ]
  ) {
    it.scoped(`means off by what it does not understand: ${content}`, () =>
      Effect.map(withFile(content), (directory) => {
        const project = ProjectFile.read(directory)
        expect(project).toMatchObject({ disabled: true, maxLevel: null })
        expect(project.warnings).toEqual([expect.stringContaining("telemetry is off")])
      }))
  }

  it.scoped("cannot send anything elsewhere or raise anything: all else is ignored, with a warning each", () =>
    Effect.gen(function*() {
      const directory = yield* withFile(JSON.stringify({
        endpoint: "https://evil.example/",
        "api-key": "hunter2",
        consent: "granted",
        level: "full"
      }))
      const project = ProjectFile.read(directory)
      expect(project).toMatchObject({ disabled: false, maxLevel: "full" })
      expect(project.warnings.map((warning) => warning.replace(directory, "."))).toEqual([
        "./.effect-telemetry.json: \"endpoint\" is ignored; a project can only set enabled and level",
        "./.effect-telemetry.json: \"api-key\" is ignored; a project can only set enabled and level",
        "./.effect-telemetry.json: \"consent\" is ignored; a project can only set enabled and level"
      ])
    }))

  it.scoped("says nothing where there is none, and means off where it cannot be read", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      expect(ProjectFile.read(directory)).toEqual(silent)
      fs.mkdirSync(path.join(directory, ProjectFile.fileName))
      expect(ProjectFile.read(directory).disabled).toBe(true)
    }))

  it("looks into the working directory by default", () => {
    expect(ProjectFile.read(null)).toEqual(ProjectFile.read(process.cwd()))
  })
})

describe("NodeOverrides", () => {
  const overridesWith = (variables: Record<string, string>, projectDirectory: string, noticeFailed?: boolean) =>
    Effect.provide(Overrides, NodeOverrides.layer({ projectDirectory, noticeFailed })).pipe(
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)), { pathDelim: "_" }))
    )

  it.scoped("are the lowest of environment and project", () =>
    Effect.gen(function*() {
      const directory = yield* withFile("{\"level\":\"enhanced\"}")
      expect(yield* overridesWith({ TELEMETRY_LEVEL: "basic" }, directory)).toMatchObject({ maxLevel: "basic" })
      expect(yield* overridesWith({ TELEMETRY_LEVEL: "full" }, directory)).toMatchObject({ maxLevel: "enhanced" })
      expect(yield* overridesWith({}, directory)).toEqual({
        doNotTrack: false,
        disabledByEnv: false,
        ci: false,
        projectDisabled: false,
        maxLevel: "enhanced",
        noticeFailed: false
      })
    }))

  it.scoped("carry every switch", () =>
    Effect.gen(function*() {
      const directory = yield* withFile("{\"enabled\":false}")
      expect(yield* overridesWith({ CI: "1", DO_NOT_TRACK: "1", TELEMETRY_DISABLED: "1" }, directory, true)).toEqual({
        doNotTrack: true,
        disabledByEnv: true,
        ci: true,
        projectDisabled: true,
        maxLevel: null,
        noticeFailed: true
      })
    }))
})
