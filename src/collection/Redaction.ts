/**
 * The redaction engine: rules over text, names over fields, at any depth. It runs before anything is stored and cannot be
 * switched off. Each rule is a file in `redaction/`; a text pays only for the rules whose marks it bears.
 *
 * @since 0.1.0
 */
import * as Policy from "../Policy.js"
import * as Text from "./encoding/Text.js"
import { quote } from "./redaction/Quote.js"
import { features, needed, type Rule } from "./redaction/Rule.js"
import * as Rules from "./redaction/Rules.js"
import * as SensitiveName from "./redaction/SensitiveName.js"
import * as Value from "./redaction/Value.js"
import * as Words from "./redaction/Words.js"

/**
 * A pattern of the application's own; its matches become `[name]`. It is tried on every text, and its cost is the
 * application's: a pattern that backtracks without bound is slow here too.
 *
 * @since 0.1.0
 * @category models
 */
export interface Pattern {
  readonly name: string
  readonly pattern: RegExp
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly patterns?: ReadonlyArray<Pattern> | undefined
  /** Names of fields whose values are always replaced, in any case and with any separator. */
  readonly fields?: ReadonlyArray<string> | undefined
  /** Words replaced wherever they stand alone, by `[redacted]`. */
  readonly words?: ReadonlyArray<string> | undefined
  /** Names of whom the program runs for and of the machine: replaced like words, by `[user]` and `[host]`. */
  readonly users?: ReadonlyArray<string> | undefined
  readonly hosts?: ReadonlyArray<string> | undefined
}

/**
 * Is told what happens, while it happens, by a redactor that was made with it: for those who ask why.
 *
 * @since 0.1.0
 * @category models
 */
export interface Trace {
  /** A rule of this name has replaced something. */
  readonly rule: (name: string) => void
  /** A text was longer than what is kept of it. */
  readonly cut: () => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Redactor {
  /** Redacted text. Redacting it again changes nothing. What is longer than `Policy.maxTextLength` is cut first. */
  readonly text: (text: string) => string
  /** A redacted copy, of what JSON can hold; see `redaction/Value`. */
  readonly value: (value: unknown) => unknown
  /** Redacted text as JSON text. */
  readonly json: (text: string) => string
  /** Redacted text, cut to a number of code points, as JSON text. */
  readonly jsonCut: (text: string, maxLength: number) => string
  /** A redacted value as JSON text; undefined for what JSON has no place for. */
  readonly jsonValue: (value: unknown) => string | undefined
  /** Is a field of this name replaced as a whole? */
  readonly isPrivate: (name: string) => boolean
  /** What stands in the place of such a field, as JSON text. */
  readonly hidden: () => string
}

/**
 * The rule that {@link Trace} names for a field that was replaced for its name.
 *
 * @since 0.1.0
 * @category constants
 */
export const privateName = "private-name"

const minLength = 6

/** What one rule replaces can free what another one looks for, so a text that has changed is read again. */
const maxPasses = 4

/** Cut where a word ends, so that no half of a secret is left that no rule knows. */
const capped = (text: string): string => {
  if (text.length <= Policy.maxTextLength) return text
  const cut = text.slice(0, Policy.maxTextLength)
  const space = cut.lastIndexOf(" ")
  return space > cut.length - 1024 ? cut.slice(0, space) : cut
}

const ofPattern = ({ name, pattern }: Pattern): Rule => {
  const all = new RegExp(pattern, pattern.flags.replace(/[gy]/g, "") + "g")
  // Without what would end the JSON text that it becomes a part of.
  const replacement = `[${name.replace(/["\\\p{C}]/gu, "")}]`
  // Put wherever nothing is found, it would make a text longer with every pass.
  return { name, needs: 0, apply: (text) => text.replace(all, (match) => match && replacement) }
}

const hiddenJson = "\"[redacted]\""

const traced = (rule: Rule, trace: Trace): Rule => ({
  ...rule,
  apply: (text) => {
    const out = rule.apply(text)
    if (out !== text) trace.rule(rule.name)
    return out
  }
})

/**
 * With a `trace` the very same rules tell what they do; without one that costs nothing.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}, trace?: Trace): Redactor => {
  const own = [
    Words.make("machine", [[options.users ?? [], "[user]"], [options.hosts ?? [], "[host]"]]),
    Words.make("words", [[options.words ?? [], "[redacted]"]])
  ].filter((rule) => rule !== null)
  const all = [...Rules.builtIn, ...own, ...(options.patterns ?? []).map(ofPattern)]
  const rules = trace === undefined ? all : all.map((rule) => traced(rule, trace))
  const always = rules.some((rule) => rule.needs === 0)
  const fields = new Set((options.fields ?? []).map(SensitiveName.normalize))
  const selections = new Map<number, ReadonlyArray<Rule>>()

  /** The rules for a set of features are looked for once. */
  const select = (found: number): ReadonlyArray<Rule> => {
    const known = selections.get(found)
    if (known !== undefined) return known
    const selection = rules.filter((rule) => (rule.needs & found) === rule.needs)
    selections.set(found, selection)
    return selection
  }

  const pass = (text: string, found: number): string => {
    const tried = select(found & needed)
    let out = text
    for (let i = 0; i < tried.length; i++) out = tried[i]!.apply(out)
    return out
  }

  const apply = (text: string, found: number): string => {
    let before = text
    let after = pass(before, found)
    for (let passes = 1; after !== before && passes < maxPasses; passes++) {
      before = after
      after = pass(before, features(before))
    }
    return after
  }

  const text = (input: string): string => {
    const short = capped(input)
    return short.length < minLength && !always ? short : apply(short, features(short))
  }

  const json = (input: string): string => {
    const short = input.length > Policy.maxTextLength ? capped(input) : input
    if (trace !== undefined && short !== input) trace.cut()
    const found = features(short)
    return quote(short.length < minLength && !always ? short : apply(short, found), found)
  }

  const jsonCut = (input: string, maxLength: number): string => {
    const short = Text.ahead(input, maxLength)
    const found = features(short)
    const redacted = short.length < minLength && !always ? short : apply(short, found)
    const kept = Text.truncate(redacted, maxLength)
    if (trace !== undefined && (kept !== redacted || short !== input)) trace.cut()
    return quote(kept, found)
  }

  const hidden = trace === undefined ? () => hiddenJson : () => {
    trace.rule(privateName)
    return hiddenJson
  }

  const isPrivate = (name: string): boolean =>
    SensitiveName.isPrivate(name) || (fields.size > 0 && fields.has(SensitiveName.normalize(name)))

  const jsonValue = Value.make({ text: json, isPrivate, hidden })

  return {
    text,
    json,
    jsonCut,
    jsonValue,
    isPrivate,
    hidden,
    value: (value) => {
      const encoded = jsonValue(value)
      return encoded === undefined ? undefined : JSON.parse(encoded)
    }
  }
}

let shared: Redactor | undefined

/**
 * The default rules over one text, pure and synchronous.
 *
 * @example
 * import { redactText } from "effect-telemetry/collection/Redaction"
 *
 * redactText("mail from jane@example.com") // "mail from [email]"
 *
 * @since 0.1.0
 * @category conversions
 */
export const redactText = (text: string): string => (shared ??= make()).text(text)
