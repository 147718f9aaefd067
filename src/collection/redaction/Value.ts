/**
 * Any value as JSON text, redacted at every depth. Whatever it is handed, it does not throw, does not change it, and runs
 * no code of it but getters, `toJSON`, `valueOf` and the traps of proxies.
 *
 * - text goes through the rules, a field whose name is private is replaced as a whole, names are redacted too
 * - a number that a card could have is replaced; NaN and the infinities become null; a BigInt becomes text
 * - a text, a number, a boolean or a BigInt that is an object is written as what is in it
 * - functions, symbols and what lies deeper than the limit are left out (null in an array), a cycle is `[circular]`
 * - dates become ISO 8601, errors their name and message, bytes `[bytes]`, what cannot be read `[unreadable]`
 * - what `toJSON` gives is redacted like anything else, errors excepted; a field named `__proto__` is left out
 *
 * @since 0.1.0
 */
import * as Policy from "../../Policy.js"
import * as PaymentCard from "./PaymentCard.js"
import * as SensitiveName from "./SensitiveName.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** JSON text of redacted text. */
  readonly text: (text: string) => string
  /** Whether a field of this name is private. */
  readonly isPrivate: (name: string) => boolean
  /** JSON text in the place of a private field. */
  readonly hidden: () => string
}

/** Characters and nodes that one value may cost; the rest is left out. What is not shortened by it is far too large anyway. */
const maxCost = Policy.maxTextLength + Policy.maxEventBytes
const maxNames = 1024
const maxNameLength = 128
const maxBigInt = 2n ** 256n

/** Objects that JSON writes as what is in them. The characters of a text are fields of such an object. */
const box = / (String|Number|Boolean|BigInt)]$/

/** As much of a name as is read. */
const cut = (name: string): string => name.slice(0, maxNameLength)

interface Name {
  readonly json: string
  readonly isPrivate: boolean
}

const keeps = (name: string, value: unknown): boolean =>
  value === null || typeof value === "boolean" || (typeof value === "number" && SensitiveName.isMeasure(name))

/**
 * Gives undefined for what JSON has no place for: undefined, functions, symbols, what is too deep.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): (value: unknown) => string | undefined => {
  const { text } = options
  const names = new Map<string, Name>()
  let cost = 0

  const nameOf = (name: string): Name => {
    const known = names.get(name)
    if (known !== undefined) return known
    const short = cut(name)
    const entry = { json: text(short) + ":", isPrivate: options.isPrivate(short) }
    if (names.size >= maxNames) names.clear()
    if (short === name) names.set(name, entry)
    return entry
  }

  const number = (value: number): string => {
    if (value - value !== 0) return "null"
    const size = Math.abs(value)
    if (size >= 1e12 && size % 1 === 0 && PaymentCard.isBare("" + size)) return text("" + size)
    return "" + value
  }

  const array = (value: ReadonlyArray<unknown>, depth: number, parents: Parents): string => {
    let json = "["
    const length = value.length
    for (let i = 0; i < length; i++) {
      if (cost >= maxCost) break
      json += (i === 0 ? "" : ",") + (read(value, i, depth, parents) ?? "null")
    }
    return json + "]"
  }

  const record = (value: object, names: ReadonlyArray<string>, depth: number, parents: Parents): string => {
    let json = "{"
    for (const name of names) {
      if (cost >= maxCost) break
      if (name === "__proto__") continue
      const { isPrivate, json: key } = nameOf(name)
      cost += key.length
      const member = isPrivate ? secret(value, name, depth, parents) : read(value, name, depth, parents)
      if (member !== undefined) json += (json.length === 1 ? "" : ",") + key + member
    }
    return json + "}"
  }

  const secret = (owner: object, name: string, depth: number, parents: Parents): string | undefined => {
    try {
      const value: unknown = Reflect.get(owner, name)
      if (value === undefined) return undefined
      return keeps(cut(name), value) ? encode(value, depth, parents) : options.hidden()
    } catch {
      return "\"[unreadable]\""
    }
  }

  const read = (owner: object, name: string | number, depth: number, parents: Parents): string | undefined => {
    try {
      return encode(Reflect.get(owner, name), depth, parents)
    } catch {
      return "\"[unreadable]\""
    }
  }

  const object = (value: object, depth: number, parents: Parents): string | undefined => {
    for (let parent = parents; parent !== undefined; parent = parent.next) {
      if (parent.value === value) return "\"[circular]\""
    }
    if (depth > Policy.maxDepth) return undefined
    const below = { value, next: parents }
    if (Array.isArray(value)) return array(value, depth + 1, below)
    if (value instanceof Date) {
      const time = Date.prototype.getTime.call(value)
      return time - time === 0 ? "\"" + Date.prototype.toISOString.call(value) + "\"" : "null"
    }
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return "\"[bytes]\""
    if (value instanceof Error) return record(value, ["name", "message", ...Object.keys(value)], depth + 1, below)
    if (box.test(Object.prototype.toString.call(value))) return encode(value.valueOf(), depth + 1, below)
    const toJson: unknown = Reflect.get(value, "toJSON")
    if (typeof toJson === "function") return encode(Reflect.apply(toJson, value, []), depth + 1, below)
    return record(value, Object.keys(value), depth + 1, below)
  }

  const encode = (value: unknown, depth: number, parents: Parents): string | undefined => {
    cost++
    switch (typeof value) {
      case "string": {
        const json = text(value)
        cost += Math.min(value.length, Policy.maxTextLength)
        return json
      }
      case "number":
        return number(value)
      case "boolean":
        return value ? "true" : "false"
      case "bigint":
        return value < maxBigInt && value > -maxBigInt ? text(String(value)) : "null"
      case "object":
        return value === null ? "null" : object(value, depth, parents)
      default:
        return undefined
    }
  }

  return (value) => {
    const before = cost
    cost = 0
    try {
      return encode(value, 0, undefined)
    } catch {
      return "\"[unreadable]\""
    } finally {
      cost = before
    }
  }
}

type Parents = { readonly value: object; readonly next: Parents } | undefined
