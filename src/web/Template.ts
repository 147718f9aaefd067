/**
 * Where in a document each interpolation of a template stands: what is safe to put there depends on it.
 *
 * @since 0.1.0
 */

/**
 * - `Text`: between tags
 * - `Value`: inside the quotes of an attribute
 * - `Bare`: where the value of an attribute belongs, without quotes
 * - `Name`: inside a tag, where the name of an attribute belongs
 * - `Code`: inside a script or a style sheet
 *
 * @since 0.1.0
 * @category models
 */
export type Place =
  | { readonly _tag: "Text" | "Name" | "Code" }
  | { readonly _tag: "Value" | "Bare"; readonly attribute: string; readonly before: string }

/** What has been read of a template so far. */
interface State {
  at: "text" | "tag" | "double" | "single" | "code"
  /** Of the tag that is open: from its name on, without what is in quotes. */
  tag: string
  /** Of the value that is open. */
  value: string
}

/** Stands for a value in what is known of a tag. */
const filled = "\u0000 "

const quotes = { double: "\"", single: "'" } as const

const isCode = (tag: string): boolean => /^(?:script|style)\b/i.test(tag)

const read = (state: State, character: string, next: string): void => {
  switch (state.at) {
    case "text":
      if (character === "<" && /[a-z/]/i.test(next)) Object.assign(state, { at: "tag", tag: "" })
      return
    case "code":
      if (character === "<" && next === "/") Object.assign(state, { at: "tag", tag: "" })
      return
    case "tag":
      if (character === ">") state.at = isCode(state.tag) ? "code" : "text"
      else if (character === "\"") Object.assign(state, { at: "double", value: "" })
      else if (character === "'") Object.assign(state, { at: "single", value: "" })
      else state.tag += character
      return
    default:
      if (character === quotes[state.at]) Object.assign(state, { at: "tag", tag: state.tag + filled })
      else state.value += character
  }
}

/** The last name before `=`, at the end of what is known of a tag. */
const attributeOf = (tag: string): string => /([^\s=]+)\s*=\s*$/.exec(tag)?.[1]?.toLowerCase() ?? ""

const placeOf = ({ at, tag, value }: State): Place => {
  switch (at) {
    case "text":
      return { _tag: "Text" }
    case "code":
      return { _tag: "Code" }
    case "tag":
      return /=\s*$/.test(tag) ? { _tag: "Bare", attribute: attributeOf(tag), before: "" } : { _tag: "Name" }
    default:
      return { _tag: "Value", attribute: attributeOf(tag), before: value }
  }
}

const compile = (parts: ReadonlyArray<string>): ReadonlyArray<Place> => {
  const state: State = { at: "text", tag: "", value: "" }
  return parts.slice(0, -1).map((part) => {
    for (let i = 0; i < part.length; i++) read(state, part[i]!, part[i + 1] ?? "")
    const place = placeOf(state)
    // What is put in without quotes stands for a whole value.
    if (place._tag === "Bare") state.tag += filled
    return place
  })
}

const compiled = new WeakMap<TemplateStringsArray, ReadonlyArray<Place>>()

/**
 * The place of every interpolation; worked out once for each template of the program.
 *
 * @since 0.1.0
 * @category getters
 */
export const places = (parts: TemplateStringsArray): ReadonlyArray<Place> => {
  let found = compiled.get(parts)
  if (found === undefined) compiled.set(parts, found = compile(parts))
  return found
}
