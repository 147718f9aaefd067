/**
 * `collector`: the server that events are sent to, and its keys.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import type { ConfigError } from "effect/ConfigError"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CollectorConfig } from "../../collector/CollectorConfig.js"
import type * as Collector from "../../collector/index.js"
import type { Role, Service as Keys } from "../../collector/Keys.js"
import { Directories, layer as layerDirectories } from "../../node/Directories.js"
import { failed, type Failure, misused } from "../Failure.js"
import { type Flags, Host } from "../Host.js"
import { note, print } from "../Output.js"
import { table } from "../render/table.js"
import { clean, json, time } from "../render/text.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Database {
  readonly database: string | undefined
}

type Operations = typeof Collector.Operations

type SqlClient = Effect.Effect.Context<Operations["doctor"]>

/**
 * @since 0.1.0
 * @category constructors
 */
export const load = Effect.promise(() => import("../../collector/index.js"))

const invalid = (error: ConfigError): Failure =>
  failed(
    "path" in error
      ? `${error.path.join("_")}: ${clean(error.message)}`
      : "A COLLECTOR_… variable cannot be understood."
  )

const settings = Effect.flatMap(load, (collector) => Effect.mapError(collector.CollectorConfig.config, invalid))

/** The flag, the variable, what the file says that another variable names, or a file in the data directory. */
const databaseOf = (flags: Flags & Database, { databaseUrl, databaseUrlFile }: CollectorConfig) =>
  Effect.gen(function*() {
    if (flags.database !== undefined) return flags.database
    if (Option.isSome(databaseUrl)) return databaseUrl.value
    if (Option.isSome(databaseUrlFile)) {
      const { urlFrom } = yield* load
      return yield* Effect.mapError(urlFrom(databaseUrlFile.value), (error) => failed(clean(error.message)))
    }
    const { app } = yield* Host
    const directory = yield* Effect.flatMap(Directories, (directories) => directories.ensure).pipe(
      Effect.provide(layerDirectories({ appName: app.name, dataDir: flags.dataDir })),
      Effect.mapError((error) => failed(error.message))
    )
    return `sqlite:${directory}/collector.db`
  })

const codeOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return ""
  if ("code" in error && typeof error.code === "string") return error.code
  return "cause" in error ? codeOf(error.cause) : ""
}

const listening = (where: string, error: { readonly message: string }): Failure => {
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return failed(`${where} is in use: stop what listens there, or choose another with --port.`)
    case "EACCES":
      return failed(`${where} may not be listened on: choose a port above 1023 with --port.`)
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return failed(`${where} is not an address of this machine: choose another with --host.`)
    default:
      return failed(`The collector cannot listen on ${where}: ${clean(error.message)}`)
  }
}

/**
 * `collector serve`: until it is told to stop; then requests in flight are answered and the database closes last.
 *
 * @since 0.1.0
 * @category commands
 */
export const serve = (
  flags: Flags & Database & { readonly port: number | undefined; readonly host: string | undefined }
) =>
  Effect.gen(function*() {
    const collector = yield* load
    const config = yield* settings
    const host = flags.host ?? config.host
    const port = flags.port ?? config.port
    if (port < 0 || port > 65_535) return yield* misused("--port must be from 0 to 65535.")
    const { events } = yield* Host
    const running = yield* collector.serve({
      database: yield* databaseOf(flags, config),
      host,
      port,
      events,
      retention: config.retention,
      limits: { maxBodyBytes: config.maxBodyBytes }
    }).pipe(Effect.catchAll((error) =>
      Effect.fail(
        error._tag === "DatabaseError" ? failed(error.message) : listening(`${host}:${port}`, error)
      )
    ))
    const { url } = Context.get(running, collector.Collector)
    yield* Console.log(json({ listening: url }))
    if (!flags.json) {
      const { invocation } = yield* Host
      yield* note(`Programs send to ${url}/v1/events with a key: "${invocation} collector keys create --role ingest".`)
      yield* note(`The dashboard is at ${url}: "${invocation} collector keys create --role read" makes a key for it.`)
    }
    return yield* Effect.never
  }).pipe(Effect.scoped)

/**
 * Runs an effect on the database that the flags name; opening it brings its tables up to date.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withTables = <A, E extends { readonly message: string }, R = never>(
  flags: Flags & Database,
  use: (collector: typeof Collector) => Effect.Effect<A, E, R | SqlClient>
) =>
  Effect.gen(function*() {
    const collector = yield* load
    const database = yield* databaseOf(flags, yield* settings)
    return yield* use(collector).pipe(
      Effect.provide(collector.layerDatabase(database)),
      Effect.mapError((error) => failed(clean(error.message)))
    )
  })

const withDatabase = <A, E extends { readonly message: string }>(
  flags: Flags & Database,
  use: (operations: Operations) => Effect.Effect<A, E, SqlClient>
) => withTables(flags, ({ Operations }) => use(Operations))

/**
 * `collector doctor`: fails when the database's files are damaged.
 *
 * @since 0.1.0
 * @category commands
 */
export const doctor = (flags: Flags & Database) =>
  Effect.gen(function*() {
    const report = yield* withDatabase(flags, (operations) => operations.doctor)
    yield* print(flags, report, ({ style }) =>
      table(["what", "is"], Object.entries(report).map(([name, value]) => [name, clean(String(value))]), style))
    if (report.integrity !== "ok") {
      return yield* failed("The database is damaged: go back to a backup.")
    }
  })

/**
 * `collector backup --to FILE`.
 *
 * @since 0.1.0
 * @category commands
 */
export const backup = (flags: Flags & Database & { readonly to: string | undefined }) =>
  Effect.gen(function*() {
    const { to } = flags
    if (to === undefined) return yield* misused("--to FILE says where the copy goes.")
    yield* withDatabase(flags, (operations) => operations.backup(to))
    yield* print(flags, { file: to }, () => `The copy is in ${to}`)
  })

/**
 * `collector migrate`: what opening the database does, before a new version serves.
 *
 * @since 0.1.0
 * @category commands
 */
export const migrate = (flags: Flags & Database) =>
  Effect.gen(function*() {
    const { schema } = yield* withDatabase(flags, (operations) => operations.doctor)
    yield* print(flags, { schema }, () => `The tables are up to date (${schema})`)
  })

/** Runs an effect on the keys of the database that the flags name. */
const withKeys = <A, E extends { readonly message: string }>(
  flags: Flags & Database,
  use: (keys: Keys) => Effect.Effect<A, E>
) => withTables(flags, (collector) => Effect.scoped(Effect.flatMap(collector.Keys.make, use)))

/** As a browser says it: scheme, host and port, and nothing after. */
const originOf = (text: string) =>
  Effect.filterOrFail(
    Effect.try({
      try: () => new URL(text),
      catch: () => misused("--origin must be a web origin, such as https://shop.example.")
    }).pipe(Effect.map(({ origin }) => origin)),
    (origin) => /^https?:/.test(origin),
    () => misused("--origin must be a web origin, such as https://shop.example.")
  )

/**
 * `collector keys create`. The key is on standard output and nowhere else, this once.
 *
 * @since 0.1.0
 * @category commands
 */
export const createKey = (
  flags: Flags & Database & {
    readonly role: Role
    readonly name: string | undefined
    readonly app: string | undefined
    readonly origin: ReadonlyArray<string>
  }
) =>
  Effect.gen(function*() {
    const origins = yield* Effect.forEach(flags.origin, originOf)
    const created = yield* withKeys(
      flags,
      (keys) => keys.create({ role: flags.role, name: flags.name, app: flags.app, origins })
    )
    yield* print(flags, { id: created.id, key: created.key, role: created.role }, () => created.key)
    if (!flags.json) yield* note(`Key ${created.id}, for ${created.role}. It is shown this once: keep it safe.`)
  })

/**
 * `collector keys list`.
 *
 * @since 0.1.0
 * @category commands
 */
export const listKeys = (flags: Flags & Database) =>
  Effect.gen(function*() {
    const keys = yield* withKeys(flags, (keys) => keys.list)
    if (keys.length === 0 && !flags.json) {
      const { invocation } = yield* Host
      return yield* note(`There are no keys yet: "${invocation} collector keys create --role ingest".`)
    }
    const now = yield* Clock.currentTimeMillis
    yield* print(flags, { keys }, ({ style }) =>
      table(
        ["id", "key", "role", "name", "app", "origins", "created", "last used", "revoked"],
        keys.map((key) => [
          key.id,
          `${key.prefix}…`,
          key.role,
          key.name ?? "-",
          key.app ?? "-",
          key.origins.length === 0 ? "-" : key.origins.join(" "),
          time(key.createdAt),
          time(key.lastUsedAt),
          `${(key.revokedAt ?? 0) > now ? "will be " : ""}${time(key.revokedAt)}`
        ]),
        style
      ))
  })

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `0`, `90s`, `30m`, `24h`, `7d`; absent: none. */
const graceOf = (text: string | undefined, longest: number) => {
  const [, n = "", unit = "s"] = /^(\d{1,9})(?:([smhd])|(?<=^0))$/.exec(text ?? "0") ?? []
  const millis = n === "" ? Number.NaN : Number(n) * (units[unit] ?? 0)
  if (Number.isNaN(millis)) return misused("--grace must be a number and s, m, h or d, such as 30m or 7d.")
  return millis > longest
    ? misused(`--grace must be at most ${longest / (units["d"] ?? 1)}d.`)
    : Effect.succeed(millis)
}

/**
 * `collector keys rotate ID`. The new key is on standard output and nowhere else, this once.
 *
 * @since 0.1.0
 * @category commands
 */
export const rotateKey = (flags: Flags & Database & { readonly id: string; readonly grace: string | undefined }) =>
  Effect.gen(function*() {
    const { Limits } = yield* load
    const grace = yield* graceOf(flags.grace, Limits.maxGraceMillis)
    const { id, key, revokedAt, role } = yield* withKeys(flags, (keys) => keys.rotate(flags.id, grace))
    yield* print(flags, { id, key, role, replaces: flags.id, revokedAt }, () => key)
    if (flags.json) return
    yield* note(`Key ${id}, for ${role}, in place of ${flags.id}. It is shown this once: keep it safe.`)
    yield* note(
      grace === 0 ? `Key ${flags.id} is revoked.` : `Key ${flags.id} works until ${time(revokedAt)}, and not after.`
    )
  })

/**
 * `collector keys revoke ID`.
 *
 * @since 0.1.0
 * @category commands
 */
export const revokeKey = (flags: Flags & Database & { readonly id: string }) =>
  Effect.gen(function*() {
    yield* withKeys(flags, (keys) => keys.revoke(flags.id))
    yield* print(flags, { id: flags.id, revoked: true }, () => `Key ${flags.id} is revoked`)
  })
