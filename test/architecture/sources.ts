import * as fs from "node:fs"
import * as path from "node:path"
import ts from "typescript"

/** One `import` or `export … from` of a source file, or one `import(…)` in it. */
export interface Import {
  readonly from: string
  /** As written. */
  readonly specifier: string
  /** The file it leads to inside `src`, or null. */
  readonly to: string | null
  readonly dynamic: boolean
  readonly typeOnly: boolean
}

export interface Source {
  /** Relative to `src`, with slashes. */
  readonly name: string
  readonly text: string
  readonly ast: ts.SourceFile
  readonly imports: ReadonlyArray<Import>
}

const root = path.resolve(import.meta.dirname, "../../src")

const list = (directory: string): ReadonlyArray<string> =>
  fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(directory, entry.name)
    return entry.isDirectory() ? list(full) : entry.name.endsWith(".ts") ? [full] : []
  })

const isTypeOnly = (node: ts.ImportDeclaration | ts.ExportDeclaration): boolean => {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  const clause = node.importClause
  if (clause === undefined) return false
  const named = clause.namedBindings
  return clause.isTypeOnly ||
    (clause.name === undefined && named !== undefined && ts.isNamedImports(named) &&
      named.elements.every((element) => element.isTypeOnly))
}

export const visit = (node: ts.Node, f: (node: ts.Node) => void): void => {
  f(node)
  ts.forEachChild(node, (child) => visit(child, f))
}

const importsOf = (name: string, ast: ts.SourceFile): ReadonlyArray<Import> => {
  const found: Array<Import> = []
  const add = (specifier: string, dynamic: boolean, typeOnly: boolean) =>
    found.push({
      from: name,
      specifier,
      to: specifier.startsWith(".")
        ? path.posix.join(path.posix.dirname(name), specifier).replace(/\.js$/, ".ts")
        : null,
      dynamic,
      typeOnly
    })
  visit(ast, (node) => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      add(node.moduleSpecifier.text, false, isTypeOnly(node))
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments
      add(argument !== undefined && ts.isStringLiteral(argument) ? argument.text : "(computed)", true, false)
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      add(node.argument.literal.text, false, true)
    }
  })
  return found
}

export const parse = (name: string, text: string): Source => {
  const ast = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true)
  return { name, text, ast, imports: importsOf(name, ast) }
}

/** Every source file of the package, parsed. */
export const sources: ReadonlyArray<Source> = list(root).map((file) =>
  parse(path.relative(root, file).split(path.sep).join("/"), fs.readFileSync(file, "utf8"))
)

/** `src/name:line`, as an editor opens it. */
export const place = (source: Source, node: ts.Node): string =>
  `src/${source.name}:${source.ast.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
