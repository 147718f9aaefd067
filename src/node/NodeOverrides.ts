/**
 * What environment and project switch off or lower on this machine.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Overrides, type Service } from "../consent/Overrides.js"
import * as Level from "../domain/Level.js"
import * as Environment from "../Environment.js"
import * as ProjectFile from "./ProjectFile.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Where the project file is looked for. Default: the directory the program was started in. */
  readonly projectDirectory?: string | undefined
  /** The application could not show its notice. */
  readonly noticeFailed?: boolean | undefined
  /** Why environment or settings were refused. */
  readonly refused?: string | undefined
}

/**
 * What is in force now, and what the project file says in vain, for `status`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const read = (
  options: Options = {}
): Effect.Effect<{ readonly overrides: Service; readonly warnings: ReadonlyArray<string> }> =>
  Effect.map(Environment.overrides, (environment) => {
    const project = ProjectFile.read(options.projectDirectory ?? null)
    const levels = [environment.maxLevel, project.maxLevel].filter((level) => level !== null)
    return {
      overrides: {
        ...environment,
        projectDisabled: project.disabled,
        maxLevel: levels.length === 0 ? null : levels.reduce(Level.min),
        noticeFailed: options.noticeFailed ?? false,
        ...(options.refused === undefined ? {} : { refused: options.refused })
      },
      warnings: project.warnings
    }
  })

/**
 * Read once, when the layer is built. Warnings are logged at level debug: the standard output belongs to the program.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<Overrides> =>
  Layer.effect(
    Overrides,
    Effect.flatMap(read(options), ({ overrides, warnings }) =>
      Effect.as(
        Effect.forEach(warnings, (warning) => Effect.logDebug(warning), { discard: true }),
        overrides
      ))
  )
