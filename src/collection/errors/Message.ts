/**
 * The words of an error message that stay the same: what differs from one occurrence to the next is replaced by what it is,
 * and what each engine says in its own words is said in one way.
 *
 * @since 0.1.0
 */

/** Characters of a message that are read. */
const maxMessage = 1000

const replacements: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'`<>]{1,500}/gi, "<url>"],
  [/[^\s"'`<>@]{1,64}@[^\s"'`<>@]{1,255}/g, "<address>"],
  [/"[^"\n]{0,500}"|(?<![a-z])'[^'\n]{0,500}'(?![a-z])|`[^`\n]{0,500}`|“[^”\n]{0,500}”/gi, "<value>"],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?(?:Z|[+-]\d\d:?\d\d)?/gi, "<time>"],
  [/(?:\b[a-z]:)?(?:\.{0,2}[\\/][^\s\\/:"'`<>()]{1,255}){1,40}[\\/]?(?::\d{1,9}){0,2}/gi, "<path>"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<id>"],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])/gi, "<id>"],
  [/\b(?:0x[0-9a-f]{1,64}|(?=[a-f]{0,64}\d)[0-9a-f]{6,128})\b/gi, "<id>"],
  [/\b(?=[a-z_-]{0,64}\d)[a-z0-9_-]{12,128}\b/gi, "<id>"],
  [/\b(?=[\w-]{6})[\w-]{0,32}[a-z_-]\d{1,8}[a-z][\w-]{0,32}\b/gi, "<id>"],
  [/\d{1,64}(?:[.,:]\d{1,64}){0,16}(?:[a-z]{1,2}(?![a-z\d]))?/gi, "<id>"],
  [/\s{1,1000}/g, " "]
]

/** What engines say of the same trouble. The property or variable is in the stack, or it is noise of a minifier. */
const engines: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /^cannot (?:read|set) propert|^can't access property|is (?:undefined|null)$|^(?:undefined|null) is not an object/i,
    "nothing has no properties"
  ],
  [/ is not a function\b|^not a function/i, "not a function"],
  [/ is not a constructor\b/i, "not a constructor"],
  [/ is not iterable\b|^undefined is not a function \(near/i, "not iterable"],
  [
    / is not defined$|^can't find variable|^cannot access .{1,200} before init|before initialization$|uninitialized variable/i,
    "no such variable"
  ],
  [
    /^assignment to constant|^invalid assignment to const|^attempted to assign to readonly/i,
    "a constant is assigned to"
  ],
  [/^maximum call stack|^too much recursion/i, "recursion without end"],
  [/^fetch failed$|^failed to fetch$|^networkerror when attempting|^load failed$/i, "fetch failed"],
  [
    /^unexpected (?:token|end|non-whitespace|string|number).{0,300}\bjson\b|^json[. ]parse|^(?:expected|unterminated|bad) .{0,200} in json\b/i,
    "not json"
  ],
  [
    /^(?:failed to fetch|error loading|importing a) .{0,60}dynamically imported module|^importing a module script failed/i,
    "module not loaded"
  ]
]

const fromEngine = /^(?:Type|Reference|Range|Syntax|Internal)?Error$|^Unhandled/

/**
 * At most the first line that says something. Of the errors that engines make themselves, only the kind of trouble is kept.
 *
 * @since 0.1.0
 * @category normalization
 */
export const normalize = (message: string, errorType = "Error"): string => {
  let out = firstLine(message.slice(0, maxMessage))
  if (fromEngine.test(errorType)) {
    const known = engines.find(([pattern]) => pattern.test(out))
    if (known !== undefined) return known[1]
  }
  for (const [pattern, name] of replacements) out = out.replace(pattern, name)
  return out.trim().toLowerCase()
}

const firstLine = (message: string): string => /\S[^\n]*/.exec(message)?.[0].trim() ?? ""
