/**
 * The consent record as the file `consent.json` of the data directory.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as fs from "node:fs"
import * as path from "node:path"
import { ConsentStore, ConsentUnreadable, type Service } from "../consent/ConsentStore.js"
import { ConsentRecord } from "../domain/Consent.js"
import { Directories } from "./Directories.js"
import { explain } from "./FileFailure.js"
import * as FileLock from "./FileLock.js"
import * as SafeFile from "./SafeFile.js"

const fileName = "consent.json"

const decodeJson = Schema.decodeUnknownEither(Schema.parseJson())
const decodeRecord = Schema.decodeUnknownEither(ConsentRecord)

const unreadable = (message: string): ConsentUnreadable => new ConsentUnreadable({ message })

const toError = (file: string) => (cause: unknown): ConsentUnreadable =>
  cause instanceof ConsentUnreadable ? cause : new ConsentUnreadable({ message: explain(file, cause), cause })

/** The record, or in what way the file is damaged. */
const parse = (file: string, text: string): Either.Either<ConsentRecord, ConsentUnreadable> => {
  const json = Either.getOrUndefined(decodeJson(text))
  if (Predicate.hasProperty(json, "version") && typeof json.version === "number" && json.version > 1) {
    throw unreadable(`${file} was written by a newer version: update this program, or remove the file`)
  }
  return Either.mapLeft(
    decodeRecord(json),
    () => unreadable(`${file} is damaged: give consent again with \`enable\`, which sets the damaged file aside`)
  )
}

/** What tells one content of the file from the next: a change gives it a new inode, on a full disk a new time. */
interface Stamp {
  readonly ino: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  readonly size: bigint
}

const stampOf = (file: string): Stamp | null => fs.lstatSync(file, { bigint: true, throwIfNoEntry: false }) ?? null

const same = (a: Stamp, b: Stamp): boolean =>
  a.ino === b.ino && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.size === b.size

/**
 * The store on a directory. `read` creates nothing; the directory comes with the first `modify`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (directories: Directories["Type"]): Service => {
  if (directories.path === null) {
    const fail = Effect.flatMap(
      Effect.mapError(directories.ensure, toError(fileName)),
      () => Effect.fail(unreadable("there is no place for the consent record: name a directory"))
    )
    return { read: fail, modify: () => fail }
  }
  const file = path.join(directories.path, fileName)
  let cached: { readonly stamp: Stamp; readonly record: ConsentRecord } | null = null

  const load = (): ConsentRecord | null => {
    const stamp = stampOf(file)
    if (stamp === null) return null
    if (cached !== null && same(cached.stamp, stamp)) return cached.record
    // A record that could not be withdrawn does not count.
    fs.accessSync(path.dirname(file), fs.constants.W_OK)
    const text = SafeFile.read(file)
    if (text === null) return null
    const record = Either.getOrThrowWith(parse(file, text), (error) => error)
    // Read after the stamp was taken: should the file have changed between, the next look reads it again.
    cached = { stamp, record }
    return record
  }

  const replace = (f: (current: ConsentRecord | null) => ConsentRecord, check: () => void): ConsentRecord => {
    SafeFile.removeLeftovers(file)
    SafeFile.tighten(file)
    const text = SafeFile.read(file)
    const current = text === null ? null : Either.getOrNull(parse(file, text))
    const next = f(current)
    if (next === current) return next
    // Who has no compiler can ask for a level that there is not.
    if (Either.isLeft(decodeRecord(next))) {
      throw unreadable(
        "this choice cannot be understood and was not written down: the level is basic, enhanced or full"
      )
    }
    const content = `${JSON.stringify(next, null, 2)}\n`
    if (text !== null && current === null) SafeFile.setAside(file, Date.now())
    cached = null
    SafeFile.write(file, content, check)
    return next
  }

  return {
    read: Effect.try({ try: load, catch: toError(file) }),
    modify: (f) =>
      Effect.zipRight(
        directories.ensure,
        FileLock.withLock(`${file}.lock`, (check) => replace(f, check))
      ).pipe(Effect.mapError(toError(file)))
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ConsentStore, never, Directories> = Layer.effect(
  ConsentStore,
  Effect.map(Directories, make)
)
