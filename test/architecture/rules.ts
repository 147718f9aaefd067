import ts from "typescript"
import { place, type Source, visit } from "./sources.js"

/** Names of the surrounding world that only boundary files may use. */
const ambient = new Set([
  "process",
  "console",
  "fetch",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "performance",
  "crypto",
  "navigator",
  "window",
  "document",
  "localStorage",
  "globalThis"
])

/** Parts of a module that nobody imports but the module itself. */
const inner = /^(internal|persistence\/(Sql|memory)|scheduling\/drain)\//

const declaredIn = (source: Source): ReadonlySet<string> => {
  const names = new Set<string>()
  visit(source.ast, (node) => {
    if (
      (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node) ||
        ts.isFunctionDeclaration(node) || ts.isImportSpecifier(node) || ts.isNamespaceImport(node) ||
        ts.isImportClause(node)) && node.name !== undefined && ts.isIdentifier(node.name)
    ) {
      names.add(node.name.text)
    }
  })
  return names
}

/** Is the identifier a value that is looked up, and not the name of a member or a part of a type? */
const isReference = (node: ts.Identifier): boolean => {
  const parent = node.parent
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  return !(ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent) || ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) || ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent) ||
    ts.isBindingElement(parent) || ts.isTypeQueryNode(parent))
}

const isMember = (node: ts.Node, object: string, member: string): boolean =>
  ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === object &&
  node.name.text === member

/** Uses of clock, randomness, timers, process and console that are not handed in, and of any other names given. */
export const ambientUses = (more: ReadonlyArray<string> = []) => (source: Source): ReadonlyArray<string> => {
  const declared = declaredIn(source)
  const found: Array<string> = []
  visit(source.ast, (node) => {
    if (isMember(node, "Date", "now") || isMember(node, "Math", "random")) {
      found.push(`${place(source, node)} ${node.getText()}`)
    }
    if (
      ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Date" &&
      (node.arguments?.length ?? 0) === 0
    ) {
      found.push(`${place(source, node)} new Date()`)
    }
    if (
      ts.isIdentifier(node) && (ambient.has(node.text) || more.includes(node.text)) && !declared.has(node.text) &&
      isReference(node)
    ) {
      found.push(`${place(source, node)} ${node.text}`)
    }
  })
  return found
}

/** Generators inside others: each time the outer one runs, V8 makes what lives as long as its old generation is not collected. */
export const remadeGenerators = (source: Source): ReadonlyArray<string> => {
  const isInGenerator = (node: ts.Node): boolean =>
    node.parent !== undefined &&
    ((ts.isFunctionExpression(node.parent) && node.parent.asteriskToken !== undefined) || isInGenerator(node.parent))
  const found: Array<string> = []
  visit(source.ast, (node) => {
    if (ts.isCallExpression(node) && isMember(node.expression, "Effect", "gen") && isInGenerator(node)) {
      found.push(place(source, node))
    }
  })
  return found
}

/** Effects that are run on the spot. */
export const runs = (source: Source): ReadonlyArray<string> => {
  const found: Array<string> = []
  visit(source.ast, (node) => {
    if (
      ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) &&
      (node.expression.text === "Effect" || node.expression.text === "Runtime") &&
      /^(unsafe)?[rR]un(Sync|Promise|Fork|Callback)/.test(node.name.text)
    ) {
      found.push(`${place(source, node)} ${node.getText()}`)
    }
  })
  return found
}

/** Ways around the type checker. */
export const escapes = (source: Source): ReadonlyArray<string> => {
  const found: Array<string> = []
  visit(source.ast, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${place(source, node)} any`)
    if (
      ts.isAsExpression(node) && ts.isAsExpression(node.expression) &&
      node.expression.type.kind === ts.SyntaxKind.UnknownKeyword
    ) {
      found.push(`${place(source, node)} as unknown as`)
    }
  })
  for (const match of source.text.matchAll(/@ts-(ignore|nocheck|expect-error)/g)) {
    found.push(`src/${source.name} ${match[0]}`)
  }
  return found
}

/** Exports that say nothing of themselves; and files for others to import that do not say since when they are there. */
export const undocumented = (source: Source): ReadonlyArray<string> => [
  ...(inner.test(source.name) || /@since \d+\.\d+\.\d+/.test(source.text) ? [] : [`src/${source.name}`]),
  ...source.ast.statements.flatMap((statement) => {
    const exported = ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)
    const documented = /^\s*\/\*\*|\n\s*\/\*\*/.test(
      statement.getFullText().slice(0, statement.getLeadingTriviaWidth())
    )
    return exported !== true || documented ? [] : [place(source, statement)]
  })
]

/** Cycles of files that import each other's values when they are loaded. */
export const cycles = (sources: ReadonlyArray<Source>): ReadonlyArray<string> => {
  const edges = new Map(sources.map((source) => [
    source.name,
    source.imports.flatMap((one) => one.to === null || one.dynamic || one.typeOnly ? [] : [one.to])
  ]))
  const done = new Set<string>()
  const found: Array<string> = []
  const walk = (name: string, trail: ReadonlyArray<string>): void => {
    if (trail.includes(name)) {
      found.push([...trail.slice(trail.indexOf(name)), name].join(" → "))
      return
    }
    if (done.has(name)) return
    for (const next of edges.get(name) ?? []) walk(next, [...trail, name])
    done.add(name)
  }
  for (const name of edges.keys()) walk(name, [])
  return found
}
