/**
 * The commands about this machine, as `@effect/cli` knows them. What each one does is loaded when it is run.
 *
 * @since 0.1.0
 */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Option from "effect/Option"
import * as Level from "../domain/Level.js"
import { common, described, eventOutput, flag, lazily, maybe, range, text, withInherited } from "./Flags.js"

const yes = flag("yes", "Do not ask.")

const status = Command.make(
  "status",
  common,
  (given) => lazily(given, () => import("./commands/status.js"), (m, flags) => m.run(flags))
).pipe(
  described("status")
)

const enable = Command.make("enable", {
  ...common,
  remote: flag("remote", "Consent to sending as well."),
  level: maybe(
    Options.choice("level", Level.all).pipe(Options.withDescription("How much may be recorded; basic by default."))
  ),
  endpoint: text("endpoint", "URL", "Where to send to; kept as the setting remote-endpoint."),
  apiKeyStdin: flag("api-key-stdin", "Read the key of the endpoint from standard input and keep it.")
}, (given) => lazily(given, () => import("./commands/enable.js"), (m, flags) => m.run(flags))).pipe(
  described("enable")
)

const disable = Command.make("disable", {
  ...common,
  remote: flag("remote", "Of sending only."),
  erase: flag("erase", "Erase what was recorded as well.")
}, (given) => lazily(given, () => import("./commands/disable.js"), (m, flags) => m.run(flags))).pipe(
  described("disable")
)

const track = Command.make("track", {
  ...common,
  type: Args.text({ name: "TYPE" }).pipe(
    Args.withDescription("The type of the event; see catalog."),
    Args.optional,
    Args.map(Option.getOrUndefined)
  ),
  data: text("data", "JSON", "The fields of the event."),
  count: maybe(Options.integer("count").pipe(Options.withPseudoName("N"), Options.withDescription("How many times."))),
  stdin: flag("stdin", "Read events from standard input, one {\"eventType\", \"eventData\"} a line.")
}, (given) => lazily(given, () => import("./commands/track.js"), (m, flags) => m.run(flags))).pipe(
  described("track")
)

const submit = Command.make(
  "submit",
  common,
  (given) => lazily(given, () => import("./commands/submit.js"), (m, flags) => m.run(flags))
).pipe(
  described("submit")
)

const limit = maybe(
  Options.integer("limit").pipe(Options.withPseudoName("N"), Options.withDescription("At most this many."))
)

const queueModule = () => import("./commands/queue.js")
const queueWhyModule = () => import("./commands/queueWhy.js")

const queue = Command.make(
  "queue",
  common,
  (given) => lazily(given, queueModule, (m, flags) => m.list({ ...flags, limit: undefined }, "waiting"))
).pipe(
  described("queue"),
  Command.withSubcommands([
    Command.make(
      "list",
      { ...common, limit },
      (given) => lazily(given, queueModule, (m, flags) => m.list(flags, "waiting"))
    ).pipe(
      described("queue list")
    ),
    Command.make(
      "dead",
      { ...common, limit },
      (given) => lazily(given, queueModule, (m, flags) => m.list(flags, "dead"))
    ).pipe(
      described("queue dead")
    ),
    Command.make("why", {
      ...common,
      id: Args.text({ name: "ID" }).pipe(Args.withDescription("A number of queue list, or the id of an event."))
    }, (given) => lazily(given, queueWhyModule, (m, flags) => m.why(flags))).pipe(
      described("queue why")
    ),
    Command.make(
      "sent",
      { ...common, limit },
      (given) => lazily(given, queueWhyModule, (m, flags) => m.sent(flags))
    ).pipe(
      described("queue sent")
    ),
    Command.make("requeue", {
      ...common,
      ids: Args.integer({ name: "ID" }).pipe(Args.withDescription("Dead letters; all by default."), Args.repeated)
    }, (given) => lazily(given, queueModule, (m, flags) => m.requeue(flags))).pipe(
      described("queue requeue")
    ),
    Command.make("clear", { ...common, yes }, (given) => lazily(given, queueModule, (m, flags) => m.clear(flags))).pipe(
      described("queue clear")
    )
  ]),
  Command.transformHandler(withInherited)
)

const stats = Command.make("stats", {
  ...common,
  ...range,
  by: maybe(
    Options.choice("by", ["hour", "day", "week", "month"]).pipe(
      Options.withDescription("The size of a bucket; day by default.")
    )
  ),
  dimension: flag("dimension", "Commands, metric names, features … each by itself."),
  compare: flag("compare", "Beside the period before, of the same length."),
  usage: flag("usage", "How it is used: features, commands, providers, conversations, suggestions, hours."),
  format: maybe(Options.choice("format", ["table", "json", "chart"]))
}, (given) => lazily(given, () => import("./commands/stats.js"), (m, flags) => m.run(flags))).pipe(
  described("stats")
)

const export_ = Command.make("export", {
  ...common,
  ...range,
  ...eventOutput
}, (given) => lazily(given, () => import("./commands/export.js"), (m, flags) => m.run(flags))).pipe(
  described("export")
)

const clear = Command.make("clear", {
  ...common,
  yes,
  queueOnly: flag("queue-only", "Keep the stored events."),
  remote: flag("remote", "Ask the collector to erase what it was sent as well.")
}, (given) => lazily(given, () => import("./commands/clear.js"), (m, flags) => m.run(flags))).pipe(
  described("clear")
)

const key = Args.text({ name: "KEY" }).pipe(Args.withDescription("The name of a setting."))

const configModule = () => import("./commands/config.js")

const config = Command.make("config", common, (given) => lazily(given, configModule, (m, flags) => m.list(flags))).pipe(
  described("config"),
  Command.withSubcommands([
    Command.make("list", common, (given) => lazily(given, configModule, (m, flags) => m.list(flags))).pipe(
      described("config list")
    ),
    Command.make("get", { ...common, key }, (given) => lazily(given, configModule, (m, flags) => m.get(flags))).pipe(
      described("config get")
    ),
    Command.make("set", {
      ...common,
      key,
      value: Args.text({ name: "VALUE" }).pipe(Args.optional, Args.map(Option.getOrUndefined)),
      stdin: flag("stdin", "Read the value from standard input: for secrets.")
    }, (given) => lazily(given, configModule, (m, flags) => m.set(flags))).pipe(
      described("config set")
    ),
    Command.make("unset", { ...common, key }, (given) => lazily(given, configModule, (m, flags) => m.unset(flags)))
      .pipe(
        described("config unset")
      )
  ]),
  Command.transformHandler(withInherited)
)

const catalog = Command.make("catalog", {
  ...common,
  format: maybe(Options.choice("format", ["table", "markdown", "json"]))
}, (given) => lazily(given, () => import("./commands/catalog.js"), (m, flags) => m.run(flags))).pipe(
  described("catalog")
)

const debugModule = () => import("./commands/debug.js")

const debug = Command.make("debug", common).pipe(
  described("debug"),
  Command.withSubcommands([
    Command.make("on", common, (given) => lazily(given, debugModule, (m, flags) => m.set(flags, true))).pipe(
      described("debug on")
    ),
    Command.make("off", common, (given) => lazily(given, debugModule, (m, flags) => m.set(flags, false))).pipe(
      described("debug off")
    ),
    Command.make("tail", common, (given) => lazily(given, debugModule, (m, flags) => m.tail(flags))).pipe(
      described("debug tail")
    ),
    Command.make("preview", {
      ...common,
      type: Args.text({ name: "TYPE" }).pipe(Args.withDescription("The type of the event; see catalog.")),
      data: text("data", "JSON", "The fields of the event."),
      level: maybe(Options.choice("level", Level.all).pipe(Options.withDescription("The level in force by default.")))
    }, (given) => lazily(given, debugModule, (m, flags) => m.preview(flags))).pipe(
      described("debug preview")
    )
  ]),
  Command.transformHandler(withInherited)
)

const view = Command.make("view", {
  ...common,
  port: maybe(
    Options.integer("port").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("The port to listen on; a free one by default.")
    )
  )
}, (given) => lazily(given, () => import("./commands/view.js"), (m, flags) => m.run(flags))).pipe(
  described("view")
)

/**
 * @since 0.1.0
 * @category commands
 */
export const all = [
  status,
  enable,
  disable,
  track,
  submit,
  queue,
  stats,
  export_,
  clear,
  config,
  catalog,
  debug,
  view
] as const
