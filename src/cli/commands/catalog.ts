/**
 * `catalog`: what is collected, why, and at which level. It opens nothing.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Catalog from "../../domain/Catalog.js"
import * as EventCatalog from "../../domain/EventCatalog.js"
import { misused } from "../Failure.js"
import { type Flags, Host } from "../Host.js"
import { type Style, table } from "../render/table.js"
import { json } from "../render/text.js"
import { Shell } from "../Shell.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly format: "table" | "markdown" | "json" | undefined
}

const section = (event: Catalog.Row, style: Style): string =>
  [
    `${style.color ? `\u001b[1m${event.type}\u001b[0m` : event.type} (${event.level})`,
    `${event.description}. ${event.purpose}.`,
    ...(event.fields.length === 0 ? [] : [
      table(["  field", "type", "privacy"], event.fields.map((f) => [f.name, f.type, f.privacy]), {
        color: false,
        columns: null
      }).split("\n").slice(1).map((line) => `  ${line}`).join("\n")
    ])
  ].join("\n")

/**
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags & Options) =>
  Effect.gen(function*() {
    const events = (yield* Host).events ?? EventCatalog.builtIn
    if (flags.json && flags.format !== undefined && flags.format !== "json") {
      return yield* misused(`--json and --format ${flags.format} exclude each other.`)
    }
    if (flags.json || flags.format === "json") return yield* Console.log(json({ events: events.map(Catalog.row) }))
    if (flags.format === "markdown") return yield* Console.log(Catalog.toMarkdown(events).trimEnd())
    const { style } = yield* Shell
    yield* Console.log(events.map((event) => section(Catalog.row(event), style)).join("\n\n"))
  })
