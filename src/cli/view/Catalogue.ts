/**
 * What is collected, why, at which level, and what is done to each field first.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Catalog from "../../domain/Catalog.js"
import * as EventCatalog from "../../domain/EventCatalog.js"
import type { Treatment } from "../../domain/Privacy.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import { Host } from "../Host.js"
import type { Section } from "./Section.js"
import * as Words from "./Words.js"

const treatments: Readonly<Record<Treatment, string>> = {
  allow: "stored as it is: numbers, truth values and words from a fixed list",
  redact: "text that every redaction rule has gone over",
  truncate: "the same, and cut to that many characters",
  hash: "replaced by a keyed hash; the key never leaves this machine",
  flags: "only the names of flags",
  drop: "never stored"
}

const meanings = (words: Readonly<Record<string, string>>): Html => Table.pairs(Object.entries(words))

const event = (row: Catalog.Row): Html =>
  html`<section class="card" aria-labelledby="event-${row.type}">
<h2 id="event-${row.type}"><code>${row.type}</code> ${Page.badge("plain", row.level)}</h2>
<p>${row.description}. ${row.purpose}.</p>
${
    Table.table({
      caption: `Fields of ${row.type}`,
      captionHidden: true,
      columns: [{ name: "Field", kind: "code" }, { name: "Type", kind: "code" }, "Privacy"],
      rows: row.fields.map((field) => [field.name, field.type, field.privacy]),
      empty: "It has no fields."
    })
  }
</section>`

const words = (): Html =>
  html`<div class="grid">${Page.card("Levels", meanings(Words.levels))}${
    Page.card("Privacy of a field", meanings(treatments))
  }</div>`

/**
 * @since 0.1.0
 * @category pages
 */
export const catalogue: Section = {
  href: "catalogue",
  name: "Catalogue",
  lead: "Nothing but these events and fields is ever recorded. A field that names a level is left out below it.",
  show: () =>
    Effect.map(Host, (host) => html`${words()}${(host.events ?? EventCatalog.builtIn).map(Catalog.row).map(event)}`)
}
