/**
 * A small code-search engine: it parses TypeScript with the compiler's own parser and answers symbol and text queries.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as fs from "node:fs"
import * as ts from "typescript"

export class ParseFailed extends Schema.TaggedError<ParseFailed>()("ParseFailed", {
  file: Schema.String,
  message: Schema.String
}) {}

export interface Hit {
  readonly file: string
  readonly line: number
  readonly text: string
}

export interface Parsed {
  readonly symbols: number
  readonly lines: number
}

const declaredName = (node: ts.Node): string | undefined => {
  if (
    (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) || ts.isVariableDeclaration(node) || ts.isMethodDeclaration(node)) &&
    node.name !== undefined && ts.isIdentifier(node.name)
  ) return node.name.text
  return undefined
}

export class SearchIndex extends Effect.Service<SearchIndex>()("scratchpad/SearchIndex", {
  sync: () => {
    const symbols = new Map<string, Array<Hit>>()
    const sources = new Map<string, ReadonlyArray<string>>()

    const parse = (file: string) =>
      Effect.try({
        try: (): Parsed => {
          const text = fs.readFileSync(file, "utf8")
          const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
          const lines = text.split("\n")
          let count = 0
          const walk = (node: ts.Node): void => {
            const name = declaredName(node)
            if (name !== undefined) {
              const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
              const hit = { file, line: line + 1, text: lines[line]?.trim() ?? "" }
              const known = symbols.get(name)
              if (known === undefined) symbols.set(name, [hit])
              else known.push(hit)
              count += 1
            }
            ts.forEachChild(node, walk)
          }
          walk(source)
          sources.set(file, lines)
          return { symbols: count, lines: lines.length }
        },
        catch: (cause) => new ParseFailed({ file, message: cause instanceof Error ? cause.message : String(cause) })
      })

    const symbol = (query: string): ReadonlyArray<Hit> => symbols.get(query) ?? []

    const text = (query: string): ReadonlyArray<Hit> => {
      const hits: Array<Hit> = []
      for (const [file, lines] of sources) {
        for (let i = 0; i < lines.length && hits.length < 200; i++) {
          if (lines[i]!.includes(query)) hits.push({ file, line: i + 1, text: lines[i]!.trim() })
        }
      }
      return hits
    }

    return { parse, symbol, text, names: () => [...symbols.keys()] } as const
  }
}) {}
