/** What the shop declares beside the built-in events. */
import * as EventDefinition from "effect-telemetry/domain/EventDefinition"
import * as Privacy from "effect-telemetry/domain/Privacy"
import * as Schema from "effect/Schema"

export const PageViewed = EventDefinition.make("page_viewed", {
  description: "A page of the shop was shown, by its kind",
  purpose: "See which kinds of pages people look at, and how long they take to be filled",
  dimension: "route",
  metric: "duration",
  fields: { route: Privacy.redact(Schema.String), duration: Privacy.allow(Schema.Number) }
})

export const CatalogueSearched = EventDefinition.make("catalogue_searched", {
  description: "Somebody searched the catalogue: how many products were found, never what was typed",
  purpose: "See how often a search finds nothing",
  metric: "results",
  fields: { results: Privacy.allow(Schema.Number) }
})

export const BasketChanged = EventDefinition.make("basket_changed", {
  description: "The basket has another number of things in it",
  purpose: "See how many visits lead to a basket",
  metric: "items",
  fields: { items: Privacy.allow(Schema.Number) }
})

export const all = [PageViewed, CatalogueSearched, BasketChanged]
