import * as fc from "effect/FastCheck"

const fragments = [
  "<script>alert(1)</script>",
  "</script>",
  "<img src=x onerror=alert(1)>",
  "</td></table><h1>",
  "\"",
  "'",
  "`",
  "\" onmouseover=\"alert(1)",
  "' autofocus onfocus='alert(1)",
  "javascript:alert(1)",
  "//evil.example/x",
  "https://evil.example",
  "data:text/html,<script>",
  "&lt;script&gt;",
  "&#60;",
  "<!--",
  "-->",
  "]]>",
  "<",
  ">",
  "=",
  " ",
  "\u0000",
  "\u202e",
  "\u2028",
  "\ud800",
  "${x}",
  "constructor",
  "__proto__"
]

/** Text that somebody would store to see what happens. */
export const hostile: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: "binary", maxLength: 4 })), { maxLength: 5 })
  .map((parts) => parts.join(""))

/** The tags of a page, each from `<` to `>` with its quotes honoured. */
export const tags = (markup: string): ReadonlyArray<string> =>
  [...markup.matchAll(/<[a-zA-Z/!](?:"[^"]*"|'[^']*'|[^"'>])*>/g)].map(([tag]) => tag)

/** The tags without what is in quotes: what is left when every value is the same. */
export const shape = (markup: string): ReadonlyArray<string> =>
  tags(markup).map((tag) => tag.replace(/"[^"]*"|'[^']*'/g, "\"\""))

const decoded: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: "\"", "#39": "'", "#96": "`" }

/** What a browser makes of text in which these entities stand. */
export const decode = (text: string): string => text.replace(/&(#?\w+);/g, (all, name: string) => decoded[name] ?? all)
