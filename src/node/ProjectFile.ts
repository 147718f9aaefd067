/**
 * What a project says of telemetry in the directory a program is started in: `.effect-telemetry.json`, with
 * `{ "enabled": false }` or `{ "level": "basic" }`. A project can only lower what the person has chosen; a checked-out
 * repository must not be able to switch anything on or send anything elsewhere.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as path from "node:path"
import type { Level } from "../domain/Level.js"
import * as Values from "../internal/values.js"
import * as SafeFile from "./SafeFile.js"

/**
 * @since 0.1.0
 * @category constants
 */
export const fileName = ".effect-telemetry.json"

/**
 * @since 0.1.0
 * @category models
 */
export interface Project {
  readonly disabled: boolean
  readonly maxLevel: Level | null
  /** What is in the file and does not count. */
  readonly warnings: ReadonlyArray<string>
}

const silent: Project = { disabled: false, maxLevel: null, warnings: [] }

const decode = Schema.decodeUnknownOption(
  Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
)

const parse = (file: string, text: string): Project => {
  const json = decode(text)
  const off = (warning: string): Project => ({ disabled: true, maxLevel: null, warnings: [`${file}: ${warning}`] })
  if (json._tag === "None") return off("it is not a JSON object; telemetry is off")
  const { enabled = true, level, ...others } = json.value
  const warnings = Object.keys(others).map((key) =>
    `${file}: ${JSON.stringify(key.slice(0, 60))} is ignored; a project can only set enabled and level`
  )
  if (typeof enabled !== "boolean") return off("enabled must be true or false; telemetry is off")
  const maxLevel = level === undefined ? Either.right(null) : Values.level.fromValue(level)
  if (Either.isLeft(maxLevel)) return off(`level: ${maxLevel.left}; telemetry is off`)
  return { disabled: !enabled, maxLevel: maxLevel.right, warnings }
}

/**
 * Looks into a directory; null for the one the program was started in. Never fails: what cannot be read or understood
 * means off.
 *
 * @since 0.1.0
 * @category readers
 */
export const read = (directory: string | null): Project => {
  let file = fileName
  try {
    file = path.join(directory ?? process.cwd(), fileName)
    const text = SafeFile.read(file, { followLinks: true })
    return text === null ? silent : parse(file, text)
  } catch (error) {
    // The working directory itself is gone: there is no project.
    if (file === fileName && SafeFile.code(error) === "ENOENT") return silent
    return { disabled: true, maxLevel: null, warnings: [`${file} cannot be read; telemetry is off`] }
  }
}
