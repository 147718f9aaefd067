/**
 * Which words and options there are: enough to read a command line before the parser proper is loaded. A test holds it to
 * the commands themselves.
 *
 * @since 0.1.0
 */

/**
 * What an option takes: nothing, any text, texts (it may be given often), a whole number, or one of these words.
 *
 * @since 0.1.0
 * @category models
 */
export type Arity = "flag" | "text" | "texts" | "integer" | ReadonlyArray<string>

/**
 * What stands behind the words of a command.
 *
 * @since 0.1.0
 * @category models
 */
export interface Argument {
  readonly name: string
  /** For a person, in a sentence. */
  readonly about: string
  readonly arity: "text" | "integer"
  readonly count: "one" | "optional" | "any"
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Node {
  /** For a person, one line. */
  readonly about: string
  readonly options: Readonly<Record<string, Arity>>
  readonly args: ReadonlyArray<Argument>
  /** Options that must be given. */
  readonly required: ReadonlyArray<string>
  readonly children: Readonly<Record<string, Node>>
  /** The word that is meant when none follows. */
  readonly fallback?: string
}

/**
 * The options of every command.
 *
 * @since 0.1.0
 * @category constants
 */
export const common: Readonly<Record<string, Arity>> = { json: "flag", "data-dir": "text" }

/**
 * The options that the parser itself brings along.
 *
 * @since 0.1.0
 * @category constants
 */
export const builtIn: Readonly<Record<string, Arity>> = {
  help: "flag",
  version: "flag",
  wizard: "flag",
  completions: ["sh", "bash", "fish", "zsh"],
  "log-level": ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"]
}

const leaf = (
  about: string,
  options: Readonly<Record<string, Arity>> = {},
  args: ReadonlyArray<Argument> = [],
  required: ReadonlyArray<string> = []
): Node => ({ about, options: { ...common, ...options }, args, required, children: {} })

const argument = (name: string, about: string, count: Argument["count"] = "one"): Argument => ({
  name,
  about,
  arity: "text",
  count
})

const group = (about: string, children: Readonly<Record<string, Node>>, fallback?: string): Node => ({
  about,
  options: common,
  args: [],
  required: [],
  children,
  ...(fallback === undefined ? {} : { fallback })
})

const range = { from: "text", to: "text", type: "text" } as const

const eventOutput = { format: ["json", "ndjson", "csv"], output: "text", force: "flag" } as const

const database = { database: "text" } as const

const whose = { installation: "text", session: "text", app: "text" } as const

const eventType = "the type of an event, as catalog lists them"

const key = argument("KEY", "the name of a setting, such as remote-endpoint or retention")

const queue = group("Look into the queue.", {
  list: leaf("What waits, oldest first.", { limit: "integer" }),
  dead: leaf("Dead letters: what the endpoint has refused for good.", { limit: "integer" }),
  why: leaf("The life of one event: recorded, redacted, sent, refused, accepted.", {}, [
    argument("ID", "a number of queue list, or the id of an event")
  ]),
  sent: leaf("What was sent, when and where.", { limit: "integer" }),
  requeue: leaf("Put dead letters back into the queue.", {}, [
    { name: "ID", about: "a number of queue dead", arity: "integer", count: "any" }
  ]),
  clear: leaf("Empty the queue; the events stay stored.", { yes: "flag" })
}, "list")

const config = group("Stored settings.", {
  list: leaf("Every setting that is set."),
  get: leaf("One setting.", {}, [key]),
  set: leaf("Change a setting.", { stdin: "flag" }, [key, argument("VALUE", "its new value", "optional")]),
  unset: leaf("Back to the default.", {}, [key])
}, "list")

const debug = group("Developer mode.", {
  on: leaf("Switch it on."),
  off: leaf("Switch it off."),
  tail: leaf("Events as they are captured, one JSON line each, with what became of their fields in developer mode."),
  preview: leaf("What would be sent of an event, to the byte, and which rule is behind each change.", {
    data: "text",
    level: ["basic", "enhanced", "full"]
  }, [argument("TYPE", eventType)])
})

/**
 * What an alert can watch.
 *
 * @since 0.1.0
 * @category constants
 */
export const alertKinds = [
  "events",
  "errors",
  "error-share",
  "new-error",
  "latency",
  "rejected",
  "anomaly"
] as const

/**
 * In how long it looks for that.
 *
 * @since 0.1.0
 * @category constants
 */
export const alertWindows = ["hour", "day"] as const

const ofKey = argument("ID", "the id of a key, as collector keys list shows it")

const ofRule = argument("ID", "the id of a rule, as collector alerts list shows it")

const collector = group("The server that events are sent to.", {
  serve: leaf("Run the collector.", { port: "integer", host: "text", ...database }),
  doctor: leaf("Look whether the collector's database is well.", { ...database }),
  backup: leaf("Copy an SQLite database while it is in use.", { to: "text", ...database }),
  export: leaf("The events that are stored: all, or an installation's or session's.", {
    ...whose,
    ...range,
    ...eventOutput,
    ...database
  }),
  erase: leaf("Erase what came from an installation or a session, for good.", { ...whose, yes: "flag", ...database }),
  migrate: leaf("Bring the database's tables up to date.", { ...database }),
  keys: group("Manage keys.", {
    create: leaf(
      "A new key; it is shown this once.",
      {
        role: ["ingest", "read", "admin"],
        name: "text",
        app: "text",
        origin: "texts",
        ...database
      },
      [],
      ["role"]
    ),
    list: leaf("Every key, without the keys themselves.", database),
    rotate: leaf("A new key in place of one; it is shown this once.", { grace: "text", ...database }, [ofKey]),
    revoke: leaf("End a key, for good.", database, [ofKey])
  }, "list"),
  alerts: group("Rules with thresholds, and the webhooks that are told.", {
    add: leaf(
      "A new rule.",
      {
        kind: alertKinds,
        above: "text",
        below: "text",
        window: alertWindows,
        app: "text",
        type: "text",
        value: "text",
        release: "text",
        name: "text",
        url: "text",
        "url-stdin": "flag",
        sign: "flag",
        ...database
      },
      [],
      ["kind"]
    ),
    list: leaf("Every rule, what it found last, and how its last call went.", database),
    remove: leaf("End a rule.", database, [ofRule]),
    test: leaf("Call a rule's webhook now.", database, [ofRule])
  }, "list")
})

/**
 * @since 0.1.0
 * @category constants
 */
export const root: Node = group("What is recorded, where it goes, and how to stop it.", {
  status: leaf("The state at a glance, and why it is so."),
  enable: leaf("Consent to recording on this machine; with --remote, to sending. Asks when no option is given.", {
    remote: "flag",
    level: ["basic", "enhanced", "full"],
    endpoint: "text",
    "api-key-stdin": "flag"
  }),
  disable: leaf("Opt out, at once.", { remote: "flag", erase: "flag" }),
  track: leaf("Record events from a shell.", { data: "text", count: "integer", stdin: "flag" }, [
    argument("TYPE", eventType, "optional")
  ]),
  submit: leaf("Send what waits, until nothing is left, the limit is reached or the endpoint is away."),
  queue,
  stats: leaf("Local statistics; --type submission for the pipeline itself.", {
    ...range,
    by: ["hour", "day", "week", "month"],
    dimension: "flag",
    compare: "flag",
    usage: "flag",
    format: ["table", "json", "chart"]
  }),
  export: leaf("All that is stored.", { ...range, ...eventOutput }),
  clear: leaf("Erase what is stored and what is queued.", { yes: "flag", "queue-only": "flag", remote: "flag" }),
  config,
  catalog: leaf("What is collected, why, and at which level.", { format: ["table", "markdown", "json"] }),
  debug,
  view: leaf("The local panel, for a browser on this machine.", { port: "integer" }),
  collector
})

/**
 * The node of these words; undefined when there is none.
 *
 * @since 0.1.0
 * @category getters
 */
export const find = (words: ReadonlyArray<string>): Node | undefined =>
  words.reduce<Node | undefined>(
    (node, word) => node !== undefined && Object.hasOwn(node.children, word) ? node.children[word] : undefined,
    root
  )
