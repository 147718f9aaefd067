/** What hostile names become on the pages of the dashboard and in its exports. */
import { event } from "../../collector/support.js"
import { type Answer, ask, batch, get, type Target } from "./Attacker.js"

/** Of each kind that somebody has to do something about: SQL, HTML, a formula, a terminal's sequence, the direction of text. */
export const hostile: ReadonlyArray<string> = [
  "'; DROP TABLE events; --",
  "</td></table><script>alert(1)</script>",
  "\"><img src=x onerror=alert(1)>",
  "</title><svg onload=alert(1)>",
  "javascript:alert(1)",
  "&lt;b&gt;",
  "%_\\",
  "${7*7}{{7*7}}",
  "=cmd|' /C calc'!A0",
  "+1+1",
  "-1+1",
  "@SUM(1)",
  "\uff1d1+1",
  "\u202egnp.exe",
  "a,\"b\"\r\nc"
]

/** Would be refused as the name of an event or an application; in data they are stored as they are. */
export const onlyInData: ReadonlyArray<string> = ["\u001b[31mred\u001b]0;title\u0007", "\t=1+1", "\r=1+1", "\u009b31m"]

// oxlint-disable-next-line no-control-regex
const isName = (text: string): boolean => !/[\u0000-\u001f\u007f-\u009f]/.test(text)

const plain = (n: number): string => `name${String.fromCharCode(97 + n)}`

export const plainNames = [...hostile, ...onlyInData].map((_, n) => plain(n))

/** The same of each application: so many of each name that their order is the same too. */
export const events = (app: string, names: ReadonlyArray<string>) =>
  names.flatMap((name, n) => {
    const good = isName(name) ? name : plain(n)
    const common = { app: { name: app, version: good } }
    return Array.from({ length: names.length - n }, () => [
      event({ ...common, eventType: good, eventData: { [name]: name } }),
      event({ ...common, eventData: { featureName: name, enabled: true } }),
      event({
        ...common,
        eventType: "command_executed",
        eventData: { command: name, args: [], duration: n, exitCode: 0 }
      }),
      event({
        ...common,
        eventType: "error_occurred",
        eventData: {
          errorType: name,
          message: name,
          fatal: false,
          severity: "ERROR",
          category: "runtime",
          fingerprint: `a1b2c3d4e5f607${(n + 16).toString(16)}`,
          count: 1
        }
      })
    ]).flat()
  })

export const signIn = async (target: Target): Promise<string> => {
  const { headers } = await attempt(target, target.keys.read)
  return headers["set-cookie"]!.split(";")[0]!
}

export const attempt = (target: Target, key: string): Promise<Answer> =>
  ask(target, {
    path: "/sign-in",
    key: null,
    type: "application/x-www-form-urlencoded",
    body: `key=${encodeURIComponent(key)}`
  })

export const page = (target: Target, cookie: string, path: string): Promise<Answer> =>
  get(target, path, null, [`Cookie: ${cookie}`])

export const submit = (target: Target, all: ReadonlyArray<unknown>): Promise<Answer> =>
  ask(target, { body: batch(all) })

/** How often a page has each element, by its name and the names of its attributes; which option is chosen is no matter. */
export const elements = (html: string): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>()
  for (const [, tag] of html.matchAll(/<([a-z](?:[^"<>]|"[^"]*")*)>/gi)) {
    const name = tag!.replaceAll(/="[^"]*"/g, "").replace(/ selected\b/, "")
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return Object.fromEntries(counts)
}

/** RFC 4180. */
export const cells = (csv: string): ReadonlyArray<string> =>
  Array.from(
    csv.matchAll(/(?:^|,|\r\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g),
    ([, quoted, bare]) => quoted === undefined ? bare! : quoted.replaceAll("\"\"", "\"")
  )
