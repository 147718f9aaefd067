/**
 * The commands about the collector, as `@effect/cli` knows them. The collector is loaded when one of them is run.
 *
 * @since 0.1.0
 */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { common, described, eventOutput, flag, lazily, maybe, range, text, withInherited } from "./Flags.js"
import * as Grammar from "./Grammar.js"

const module = () => import("./commands/collector.js")

const alertsModule = () => import("./commands/collectorAlerts.js")

const database = text("database", "URL", "sqlite:PATH or postgres://…; by default a file in the data directory.")

const serve = Command.make("serve", {
  ...common,
  port: maybe(
    Options.integer("port").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("4318 by default; 0 picks a free one.")
    )
  ),
  host: text("host", "HOST", "The address to listen on; 127.0.0.1 by default."),
  database
}, (given) => lazily(given, module, (m, flags) => m.serve(flags))).pipe(
  described("collector serve")
)

const doctor = Command.make(
  "doctor",
  { ...common, database },
  (given) => lazily(given, module, (m, flags) => m.doctor(flags))
).pipe(described("collector doctor"))

const backup = Command.make(
  "backup",
  { ...common, to: text("to", "FILE", "The file to make."), database },
  (given) => lazily(given, module, (m, flags) => m.backup(flags))
).pipe(described("collector backup"))

const whose = {
  installation: text("installation", "ID", "Of this installation."),
  session: text("session", "ID", "Of this session."),
  app: text("app", "APP", "Only of this application.")
}

const export_ = Command.make("export", {
  ...common,
  ...whose,
  ...range,
  ...eventOutput,
  database
}, (given) => lazily(given, () => import("./commands/collectorExport.js"), (m, flags) => m.run(flags))).pipe(
  described("collector export")
)

const erase = Command.make("erase", {
  ...common,
  ...whose,
  yes: flag("yes", "Do not ask."),
  database
}, (given) => lazily(given, () => import("./commands/collectorErase.js"), (m, flags) => m.run(flags))).pipe(
  described("collector erase")
)

const migrate = Command.make(
  "migrate",
  { ...common, database },
  (given) => lazily(given, module, (m, flags) => m.migrate(flags))
).pipe(described("collector migrate"))

const keys = Command.make(
  "keys",
  common,
  (given) => lazily(given, module, (m, flags) => m.listKeys({ ...flags, database: undefined }))
).pipe(
  described("collector keys"),
  Command.withSubcommands([
    Command.make("create", {
      ...common,
      role: Options.choice("role", ["ingest", "read", "admin"]).pipe(
        Options.withDescription("What the key may be used for.")
      ),
      name: text("name", "NAME", "What to call it."),
      app: text("app", "APP", "Only for events of this application."),
      origin: Options.repeated(Options.text("origin").pipe(Options.withPseudoName("ORIGIN"))).pipe(
        Options.withDescription("A web origin that may send with it, such as https://shop.example; may be given often.")
      ),
      database
    }, (given) => lazily(given, module, (m, flags) => m.createKey(flags))).pipe(
      described("collector keys create")
    ),
    Command.make("list", { ...common, database }, (given) => lazily(given, module, (m, flags) => m.listKeys(flags)))
      .pipe(
        described("collector keys list")
      ),
    Command.make("rotate", {
      ...common,
      id: Args.text({ name: "ID" }),
      grace: text("grace", "DURATION", "How long the old key still works, such as 30m or 7d; not at all by default."),
      database
    }, (given) => lazily(given, module, (m, flags) => m.rotateKey(flags))).pipe(
      described("collector keys rotate")
    ),
    Command.make(
      "revoke",
      { ...common, id: Args.text({ name: "ID" }), database },
      (given) => lazily(given, module, (m, flags) => m.revokeKey(flags))
    ).pipe(
      described("collector keys revoke")
    )
  ]),
  Command.transformHandler(withInherited)
)

const ofRule = { ...common, id: Args.text({ name: "ID" }), database }

const alerts = Command.make(
  "alerts",
  common,
  (given) => lazily(given, alertsModule, (m, flags) => m.list({ ...flags, database: undefined }))
).pipe(
  described("collector alerts"),
  Command.withSubcommands([
    Command.make("add", {
      ...common,
      kind: Options.choice("kind", Grammar.alertKinds).pipe(Options.withDescription("What is watched.")),
      above: text("above", "NUMBER", "Fires when there are more; of error-share percent, of latency milliseconds."),
      below: text("below", "NUMBER", "Fires when there are fewer; for events."),
      window: maybe(
        Options.choice("window", Grammar.alertWindows).pipe(
          Options.withDescription("In how long; an hour by default.")
        )
      ),
      app: text("app", "APP", "Only of this application."),
      type: text("type", "TYPE", "Only of this event type."),
      value: text("value", "VALUE", "Only of this value of the type: a feature, a command, a provider."),
      release: text("release", "VERSION", "Only of this version of the application."),
      name: text("name", "NAME", "What to call it."),
      url: text("url", "URL", "Who is told: https://…, or http:// on this machine."),
      urlStdin: flag("url-stdin", "Read the address from standard input: it may hold a secret."),
      sign: flag("sign", "Sign what is sent with a secret, which is shown this once."),
      database
    }, (given) => lazily(given, alertsModule, (m, flags) => m.add(flags))).pipe(
      described("collector alerts add")
    ),
    Command.make(
      "list",
      { ...common, database },
      (given) => lazily(given, alertsModule, (m, flags) => m.list(flags))
    ).pipe(described("collector alerts list")),
    Command.make("remove", ofRule, (given) => lazily(given, alertsModule, (m, flags) => m.remove(flags))).pipe(
      described("collector alerts remove")
    ),
    Command.make("test", ofRule, (given) => lazily(given, alertsModule, (m, flags) => m.test(flags))).pipe(
      described("collector alerts test")
    )
  ]),
  Command.transformHandler(withInherited)
)

/**
 * @since 0.1.0
 * @category commands
 */
export const collector = Command.make("collector", common).pipe(
  described("collector"),
  Command.withSubcommands([serve, doctor, backup, export_, erase, migrate, keys, alerts]),
  Command.transformHandler(withInherited)
)
