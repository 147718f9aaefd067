/**
 * Before and after: what somebody types in as an event, and exactly what would be stored and sent of it, with the rule behind
 * each change. Nothing of it is recorded.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { FieldReport } from "../../collection/Explain.js"
import * as Level from "../../domain/Level.js"
import type { Preview } from "../../Preview.js"
import { Telemetry } from "../../Telemetry.js"
import { Config } from "../../TelemetryConfig.js"
import { type Html, html } from "../../web/Html.js"
import * as Page from "../../web/Page.js"
import * as Table from "../../web/Table.js"
import { type Example, examples } from "./Examples.js"
import { marked, pretty } from "./Json.js"
import * as Section from "./Section.js"

/** What stands in the form. */
interface Draft {
  readonly type: string
  readonly level: Level.Level
  readonly text: string
}

const option = (value: string, chosen: string): Html =>
  html`<option value=${value} ${value === chosen ? "selected" : ""}>${value}</option>`

const form = (request: Section.Request, draft: Draft, types: ReadonlyArray<string>): Html =>
  Section.form(
    "redaction",
    request,
    html`<div class="sides"><div><label class="field" for="type">Event</label>
<select id="type" name="type">${types.map((type) => option(type, draft.type))}</select></div>
<div><label class="field" for="level">At level</label>
<select id="level" name="level">${Level.all.map((level) => option(level, draft.level))}</select></div></div>
<label class="field" for="data">Its data, as JSON</label>
<textarea id="data" name="data" spellcheck="false" autocomplete="off">${draft.text}</textarea>
<p><button class="main">Show what would be stored and sent</button></p>`
  )

const offered = (types: ReadonlyArray<string>): Html =>
  html`<p>Begin with an example: ${
    examples.map((example, i) =>
      types.includes(example.type) && html`${i > 0 && ", "}<a href="redaction?example=${i}">${example.name}</a>`
    )
  }.</p>`

const filled = (example: Example, level: Level.Level): Draft => ({
  type: example.type,
  level,
  text: JSON.stringify(example.data, null, 2)
})

const known = Effect.map(Config, ({ events }) => events.map(({ type }) => type))

/** While nothing is recorded, the one at which most is to be seen. */
const levelInForce = Effect.map(
  Effect.flatMap(Telemetry, (telemetry) => telemetry.status),
  ({ enabled, level }): Level.Level => enabled ? level : "full"
)

const show = (request: Section.Request) =>
  Effect.gen(function*() {
    const types = yield* known
    const example = examples[Number(request.params.get("example") ?? 0)] ?? examples[0]
    const level = yield* levelInForce
    const draft = example === undefined ? { type: "", level, text: "{}" } : filled(example, level)
    return html`${offered(types)}${Page.card("An event", form(request, draft, types))}`
  })

const words = ({ outcome, rules }: FieldReport): string => {
  switch (outcome) {
    case "kept":
      return "kept as it is"
    case "redacted":
      return `replaced by ${rules.length === 1 ? "the rule" : "the rules"} ${rules.join(", ")}`
    case "hashed":
      return "replaced by a keyed hash"
    case "flags":
      return "only the names of flags are kept"
    case "dropped":
      return "never stored, by its declaration"
    case "level":
      return "not recorded at this level"
    case "absent":
      return "was not given"
  }
}

const tone: Readonly<Record<FieldReport["outcome"], Page.Tone>> = {
  kept: "good",
  redacted: "warn",
  hashed: "warn",
  flags: "warn",
  dropped: "plain",
  level: "plain",
  absent: "plain"
}

type Data = Readonly<Record<string, unknown>>

const Data = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const json = (data: Data, field: string): string => Object.hasOwn(data, field) ? JSON.stringify(data[field]) ?? "" : "–"

const declaredRow = (before: Data, after: Data) => (report: FieldReport) => [
  report.field,
  html`<code>${json(before, report.field)}</code>`,
  html`<code>${marked(json(after, report.field))}</code>`,
  html`${Page.badge(tone[report.outcome], report.outcome)} ${words(report)}${report.truncated && ", and cut to length"}`
]

const undeclaredRow = (before: Data) => (field: string) => [
  field,
  html`<code>${json(before, field)}</code>`,
  "–",
  html`${Page.badge("plain", "dropped")} not declared: never stored`
]

const Body = Schema.parseJson(Schema.Struct({ events: Schema.Tuple(Schema.Struct({ eventData: Data })) }))

const decodeBody = Schema.decodeUnknownOption(Body)

const dataOf = (body: string | null): Data => {
  const found = decodeBody(body)
  return found._tag === "Some" ? found.value.events[0].eventData : {}
}

const compared = (before: Data, { body, fields }: Preview): Html => {
  const after = dataOf(body)
  const declared = new Set(fields.map(({ field }) => field))
  return Table.table({
    caption: "Field by field",
    captionHidden: true,
    columns: [
      { name: "Field", kind: "code" },
      { name: "Given", kind: "wide" },
      { name: "Stored and sent", kind: "wide" },
      { name: "What happened", kind: "wide" }
    ],
    rows: [
      ...fields.filter(({ outcome }) => outcome !== "absent").map(declaredRow(before, after)),
      ...Object.keys(before).filter((field) => !declared.has(field)).map(undeclaredRow(before))
    ],
    empty: "This event has no fields."
  })
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

const result = (before: Data, preview: Preview): Html =>
  html`${preview.body === null && Page.notice("warn", `Nothing would be stored or sent: ${preview.issue ?? ""}.`)}
<div class="sides">${Page.card("Before", html`<pre>${pretty(before)}</pre>`)}${
    Page.card(
      "After",
      preview.body === null ? html`<p class="empty">Nothing.</p>` : html`<pre>${pretty(dataOf(preview.body))}</pre>`
    )
  }</div>
${Page.card("Field by field", compared(before, preview))}
${
    preview.body !== null && Page.card(
      "To the byte",
      html`<p>The body of the request that would carry it alone: ${
        Table.number(bytesOf(preview.body))
      } bytes, before compression.</p><pre>${marked(preview.body)}</pre>`
    )
  }`

const decode = Schema.decodeUnknownEither(Schema.parseJson(Data))

const answer = (request: Section.Request, sent: URLSearchParams) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    const types = yield* known
    const level = yield* levelInForce
    const draft: Draft = {
      type: sent.get("type") ?? "",
      level: Level.all.find((name) => name === sent.get("level")) ?? level,
      // A form sends its lines with CR LF.
      text: (sent.get("data") ?? "").replaceAll("\r\n", "\n")
    }
    const data = decode(draft.text)
    const shown = Either.isLeft(data)
      ? Page.notice("bad", "The data is not a JSON object, such as {\"featureName\": \"export\"}.")
      : result(data.right, yield* telemetry.preview(draft.type, data.right, { level: draft.level }))
    return html`${shown}${Page.card("An event", form(request, draft, types))}${offered(types)}`
  })

/**
 * @since 0.1.0
 * @category pages
 */
export const redaction: Section.Section = {
  href: "redaction",
  name: "Redaction",
  lead:
    "What would be stored and sent of an event, by the code that does it. Nothing you type here is recorded or kept.",
  show,
  answer
}
