/**
 * Markup in which nothing that is put in can become markup. Whatever a template takes is escaped for the place where it
 * stands; a constant that is markup already has to say so with {@link raw}.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import * as Template from "./Template.js"
import type { Place } from "./Template.js"

const TypeId: unique symbol = Symbol("effect-telemetry/web/Html")

/**
 * Finished markup. A value that was decoded, stored or sent can never be taken for one: the mark is a symbol that nobody
 * else has.
 *
 * @since 0.1.0
 * @category models
 */
export interface Html {
  readonly [TypeId]: typeof TypeId
  readonly markup: string
}

/**
 * What a template takes. Nothing is shown for `null`, `undefined` and `false`, and lists are joined.
 *
 * @since 0.1.0
 * @category models
 */
export type Child = Html | string | number | null | undefined | false | ReadonlyArray<Child>

/**
 * Takes a text for markup as it is. Only for constants of the program: never for anything read, received or computed.
 *
 * @since 0.1.0
 * @category constructors
 */
export const raw = (markup: string): Html => ({ [TypeId]: TypeId, markup })

/**
 * @since 0.1.0
 * @category constants
 */
export const empty: Html = raw("")

/**
 * @since 0.1.0
 * @category predicates
 */
export const isHtml = (value: unknown): value is Html => Predicate.hasProperty(value, TypeId)

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&#39;",
  "`": "&#96;"
}

/** Controls but tab and line end, and what is not seen or turns the order of a line around. */
const unseen = new RegExp(
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]",
  "g"
)

const shown = (character: string): string => "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0")

/**
 * Text as markup that shows it, inside and outside of quotes. Characters that cannot be seen, or change how others are
 * seen, are shown as JSON writes them, so that a stored value hides nothing.
 *
 * @since 0.1.0
 * @category conversions
 */
export const escape = (text: string): string =>
  text.replace(unseen, shown).replace(/[&<>"'`]/g, (character) => entities[character] ?? "")

const text = (child: Child): string =>
  child === null || child === undefined || child === false
    ? ""
    : typeof child === "string"
    ? escape(child)
    : typeof child === "number"
    ? escape(String(child))
    : isHtml(child)
    ? child.markup
    : child.map(text).join("")

/** Inside a tag, markup is text like any other. */
const value = (child: Child): string => isHtml(child) ? escape(child.markup) : text(child)

const addresses = new Set(["href", "src", "action", "formaction", "data", "poster", "xlink:href"])

/** Attributes that are code: nothing is put into them. */
const isCode = (attribute: string): boolean =>
  attribute === "style" || attribute === "srcdoc" || attribute.startsWith("on")

const plain = (child: Child): string => typeof child === "string" || typeof child === "number" ? String(child) : ""

/** An address leads to our own pages: one with a scheme or a host leads nowhere. */
const local = (target: string, before: string): string => {
  const isLocal = /^[\w.~!*'()#?/&=%+,-]*$/.test(target) && !(before + target).startsWith("//")
  return isLocal ? escape(target) : "#"
}

/** The name of an attribute that is either there or not, such as `selected`. */
const name = (child: Child): string => /^(?!on)[a-z-]*$/.test(plain(child)) ? plain(child) : ""

const assigned = (attribute: string, before: string, child: Child): string =>
  isCode(attribute) ? "" : addresses.has(attribute) ? local(plain(child), before) : value(child)

const placed = (place: Place, child: Child): string => {
  switch (place._tag) {
    case "Text":
      return text(child)
    case "Name":
      return name(child)
    case "Code":
      return ""
    case "Value":
      return assigned(place.attribute, place.before, child)
    case "Bare":
      return `"${assigned(place.attribute, "", child)}"`
  }
}

/**
 * A template. A value of an attribute is put in quotes where it stands without; what belongs between tags is escaped as
 * text; an address must be one of our own; into a script or a style sheet nothing is put at all.
 *
 * @since 0.1.0
 * @category constructors
 */
export const html = (parts: TemplateStringsArray, ...children: ReadonlyArray<Child>): Html => {
  const places = Template.places(parts)
  return raw(
    parts.map((part, i) => {
      const place = places[i]
      return place === undefined ? part : part + placed(place, children[i])
    }).join("")
  )
}
