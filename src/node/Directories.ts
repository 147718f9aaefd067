/**
 * The one directory that holds consent, settings, key, store and locks of an application. Looking for it creates nothing;
 * it comes into being with the first write, readable by its owner only.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Environment from "../Environment.js"
import { code } from "./SafeFile.js"

/**
 * The name of the database in the data directory.
 *
 * @since 0.1.0
 * @category constants
 */
export const storeName = "telemetry.db"

/**
 * There is no place for the data, or it cannot be used. Telemetry is off while that is so.
 *
 * @since 0.1.0
 * @category errors
 */
export class DirectoryError extends Schema.TaggedError<DirectoryError>("effect-telemetry/node/DirectoryError")(
  "DirectoryError",
  { message: Schema.String, cause: Schema.optional(Schema.Defect) }
) {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Absolute; null when there is no place for it, and then `ensure` says why. */
  readonly path: string | null
  /** Creates the directory if need be and closes it to others; gives its path. Runs synchronously. */
  readonly ensure: Effect.Effect<string, DirectoryError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Directories extends Context.Tag("effect-telemetry/node/Directories")<Directories, Service>() {}

/**
 * What the choice of the directory depends on.
 *
 * @since 0.1.0
 * @category models
 */
export interface Place {
  readonly appName: string
  /** From a flag, an option or `TELEMETRY_DATA_DIR`: then it is this one and no other. */
  readonly dataDir: string | null
  readonly platform: NodeJS.Platform
  readonly variables: Readonly<Record<string, string | undefined>>
}

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i

/**
 * The name of an application as the name of a directory: `@scope/tool` becomes `scope-tool`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const sanitize = (appName: string): string => {
  const safe = appName.normalize("NFC").replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+/, "")
  const name = Array.from(safe).slice(0, 64).join("").replace(/[-.]+$/, "")
  return name === "" || reserved.test(name) ? `app-${name}` : name
}

const missing = (variable: string): DirectoryError =>
  new DirectoryError({
    message: `there is no place for telemetry data: ${variable} is not set. Set it, or name a directory with ` +
      "--data-dir or TELEMETRY_DATA_DIR"
  })

/** What it stands on, which is never created by us, and the parts below. */
interface Choice {
  readonly base: string | null
  readonly directory: string
}

const choose = (place: Place): Either.Either<Choice, DirectoryError> => {
  const { platform, variables } = place
  const p = platform === "win32" ? path.win32 : path.posix
  const absolute = (name: string): string | undefined => {
    const value = variables[name]
    return value !== undefined && p.isAbsolute(value) ? value : undefined
  }
  if (place.dataDir === "") {
    return Either.left(new DirectoryError({ message: "the data directory is an empty name: give a path" }))
  }
  if (place.dataDir !== null) return Either.right({ base: null, directory: p.resolve(place.dataDir) })
  const below = (base: string | undefined, variable: string, ...parts: ReadonlyArray<string>) =>
    base === undefined
      ? Either.left(missing(variable))
      : Either.right({ base, directory: p.join(base, ...parts, sanitize(place.appName)) })
  if (platform === "win32") {
    const local = absolute("LOCALAPPDATA")
    return local === undefined
      ? below(absolute("USERPROFILE"), "LOCALAPPDATA", "AppData", "Local")
      : below(local, "LOCALAPPDATA")
  }
  if (platform === "darwin") return below(absolute("HOME"), "HOME", "Library", "Application Support")
  const xdg = absolute("XDG_DATA_HOME")
  return xdg === undefined
    ? below(absolute("HOME"), "HOME", ".local", "share")
    : Either.right({ base: null, directory: p.join(xdg, sanitize(place.appName)) })
}

/**
 * Where the data of an application lives. Looks at nothing but its argument, and at the working directory when `dataDir`
 * is relative.
 *
 * @since 0.1.0
 * @category constructors
 */
export const locate = (place: Place): Either.Either<string, DirectoryError> =>
  Either.map(choose(place), (choice) => choice.directory)

const refuse = (message: string): never => {
  throw new DirectoryError({ message })
}

/**
 * Makes a directory and what is missing above it, for the owner only. Not Node's own recursive form: where a parent is
 * there and yet nothing can be made in it, as in /proc, that one never returns. Throws what the system says.
 *
 * @since 0.1.0
 * @category constructors
 */
export const create = (directory: string): void => {
  try {
    fs.mkdirSync(directory, 0o700)
  } catch (error) {
    if (code(error) === "EEXIST") return
    const parent = path.dirname(directory)
    if (code(error) !== "ENOENT" || fs.existsSync(parent)) throw error
    create(parent)
    create(directory)
  }
}

const isRoot = (directory: string): boolean => path.dirname(directory) === directory

const ensureSync = ({ base, directory }: Choice, home: string | undefined): string => {
  if (base !== null && !fs.existsSync(base)) refuse(`${base} does not exist: create it, or name another directory`)
  if (isRoot(directory) || (home !== undefined && directory === path.resolve(home))) {
    refuse(`${directory} cannot hold telemetry data: name a directory of its own`)
  }
  const before = fs.lstatSync(directory, { throwIfNoEntry: false })
  if (before === undefined) create(directory)
  const stat = before ?? fs.lstatSync(directory)
  if (stat.isSymbolicLink()) refuse(`${directory} is a symbolic link: remove it, or name the directory it leads to`)
  if (!stat.isDirectory()) refuse(`${directory} is not a directory: remove it, or name another`)
  if (process.platform === "win32") return directory
  // Closing a place that others use, such as /tmp, would break them.
  if ((stat.mode & 0o1000) !== 0) refuse(`${directory} is shared with others: name a directory of its own`)
  if ((stat.mode & 0o777) !== 0o700) fs.chmodSync(directory, 0o700)
  return directory
}

const toError = (directory: string) => (cause: unknown): DirectoryError =>
  cause instanceof DirectoryError
    ? cause
    : new DirectoryError({
      message: `${directory} cannot be used (${code(cause) ?? cause}): ` +
        "check that it can be written, or name another",
      cause
    })

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (place: Place): Service =>
  Either.match(choose(place), {
    onLeft: (error): Service => ({ path: null, ensure: Effect.fail(error) }),
    onRight: (choice): Service => ({
      path: choice.directory,
      ensure: Effect.try({
        try: () => ensureSync(choice, place.variables["HOME"] ?? place.variables["USERPROFILE"]),
        catch: toError(choice.directory)
      })
    })
  })

/**
 * The directory of an application on this machine: `dataDir`, else `TELEMETRY_DATA_DIR`, else the platform's place.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: {
  readonly appName: string
  readonly dataDir?: string | undefined
}): Layer.Layer<Directories> =>
  Layer.effect(
    Directories,
    Effect.map(Effect.either(Environment.dataDir), (asked) =>
      options.dataDir === undefined && Either.isLeft(asked)
        ? { path: null, ensure: Effect.fail(new DirectoryError({ message: asked.left.message })) }
        : make({
          appName: options.appName,
          dataDir: options.dataDir ?? Either.getOrElse(asked, () => null),
          platform: process.platform,
          variables: process.env
        }))
  )
