/**
 * The dashboard as routes: who is signed in, which page is shown, and the headers of every page.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Crypto from "node:crypto"
import type * as Http from "node:http"
import type { Html } from "../../web/Html.js"
import { Alerts } from "../alerts/Alerts.js"
import * as Body from "../Body.js"
import * as Counters from "../Counters.js"
import { Insights } from "../Insights.js"
import type * as Keys from "../Keys.js"
import * as Limits from "../Limits.js"
import * as Problem from "../Problem.js"
import * as RateLimit from "../RateLimit.js"
import { answer, sourceOf } from "../Respond.js"
import * as Cookie from "./Cookie.js"
import * as Frame from "./Frame.js"
import type { Section } from "./Section.js"
import { sections } from "./sections.js"
import { SignIns } from "./SignIns.js"
import * as State from "./State.js"

type Response = HttpServerResponse.HttpServerResponse

/** Versions one can choose from. */
const mostVersions = 50

const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/**
 * A page, under the policy that forbids all that is not ours.
 *
 * @since 0.1.0
 * @category constructors
 */
export const page = (html: Html, status = 200): Response =>
  HttpServerResponse.text(html.markup, {
    status,
    contentType: "text/html; charset=utf-8",
    headers: { "content-security-policy": policy }
  })

const formLimits: Limits.Limits = {
  ...Limits.defaults,
  maxBodyBytes: Limits.maxSignInBytes,
  maxInflatedBytes: Limits.maxSignInBytes
}

const wrong = "This key does not open the dashboard. It takes a read or admin key that was not revoked."

const goTo = (address: string, cookie: string): Response =>
  HttpServerResponse.redirect(address, { status: 303, headers: { "set-cookie": cookie } })

/** Longer than that is no address to come back to: it has to fit into another one, and into a form. */
const mostOfAddress = 2_000

/** A page of ours as it was asked for; of anything else the first one. */
const ownPage = (asked: string): string => {
  const at = asked.indexOf("?")
  const [path, query] = at < 0 ? [asked, ""] : [asked.slice(0, at), asked.slice(at + 1)]
  const address = query === "" ? path : `${path}?${new URLSearchParams(query)}`
  return sections.some((section) => section.path === path) && address.length <= mostOfAddress ? address : "/"
}

const services = Effect.gen(function*() {
  const insights = yield* Insights
  const alerts = yield* Alerts
  const signIns = yield* SignIns
  const limit = yield* RateLimit.RateLimit
  const counters = yield* Counters.Counters
  // Addresses are counted under a name that nobody can turn back.
  const salt = yield* Effect.sync(() => Crypto.randomBytes(16))

  const whoOf = (source: Http.IncomingMessage): string =>
    Crypto.createHmac("sha256", salt).update(source.socket.remoteAddress ?? "").digest("base64url")

  const signInPage = (source: Http.IncomingMessage, to: string, problem: string | null = null) =>
    Effect.map(insights.apps, (apps) =>
      page(
        Frame.signIn({ problem, to, isEmpty: apps.length === 0, url: Cookie.originOf(source) }),
        problem === null ? 200 : 401
      ))

  const shown = (
    section: Section,
    principal: Keys.Principal,
    source: Http.IncomingMessage,
    params: URLSearchParams
  ): Effect.Effect<Response, SqlError> =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const state = State.make(params, now, principal.app)
      const { scope } = state
      const apps = principal.app === null ? yield* insights.apps : [principal.app]
      const ofRange = <A>(list: Effect.Effect<ReadonlyArray<A>, SqlError>) =>
        section.isTimeless === true ? Effect.succeed<ReadonlyArray<A>>([]) : list
      const releases = yield* ofRange(insights.releases(scope))
      const versions = yield* ofRange(insights.versions(scope))
      const content = apps.length === 0 && section.path === "/"
        ? Frame.first(Cookie.originOf(source), "read")
        : yield* section.show({
          insights,
          state,
          releases,
          rules: yield* alerts.rules(principal.app)
        })
      const choices = { apps, versions: [...new Set(versions.map(({ version }) => version))].slice(0, mostVersions) }
      return page(Frame.make({ section, state, choices, content }))
    })

  const get = (section: Section, source: Http.IncomingMessage) =>
    answer(Effect.flatMap(signIns.principal(Cookie.read(source)), (principal) => {
      const address = source.url ?? "/"
      const params = new URLSearchParams(address.split("?")[1] ?? "")
      return principal !== null
        ? shown(section, principal, source, params)
        : section.path === "/"
        ? signInPage(source, ownPage(params.get("to") ?? address))
        : Effect.succeed(
          HttpServerResponse.redirect(`/?${new URLSearchParams({ to: ownPage(address) })}`, { status: 303 })
        )
    }))

  const signIn = (source: Http.IncomingMessage) =>
    answer(Effect.gen(function*() {
      if (Body.mediaType(source) !== "application/x-www-form-urlencoded") {
        return yield* Problem.unsupported("Only the form of the dashboard is understood")
      }
      if (!Cookie.isOurs(source)) return yield* Problem.forbidden("form of this collector")
      yield* limit.attempt(whoOf(source))
      const body = yield* Body.holding(
        counters,
        (hold) => Body.text(source, { limits: formLimits, counters, hold, isKnown: false })
      )
      const form = new URLSearchParams(body)
      const to = ownPage(form.get("to") ?? "/")
      const token = yield* signIns.signIn(form.get("key")?.trim() ?? "")
      return token === null ? yield* signInPage(source, to, wrong) : goTo(to, Cookie.set(source, token))
    }))

  const signOut = (source: Http.IncomingMessage) =>
    answer(Effect.gen(function*() {
      source.resume()
      if (!Cookie.isOurs(source)) return yield* Problem.forbidden("form of this collector")
      yield* signIns.signOut(Cookie.read(source))
      return goTo("/", Cookie.clear(source))
    }))

  return { get, signIn, signOut }
})

/**
 * Path and method of each route.
 *
 * @since 0.1.0
 * @category constants
 */
export const routes: ReadonlyArray<readonly [path: string, method: string]> = [
  ...sections.map(({ path }) => [path, "GET"] as const),
  ["/sign-in", "POST"],
  ["/sign-out", "POST"]
]

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.Router.use((router) =>
  Effect.gen(function*() {
    const { get, signIn, signOut } = yield* services
    const request = HttpServerRequest.HttpServerRequest
    for (const section of sections) {
      yield* router.get(section.path, Effect.flatMap(request, (request) => get(section, sourceOf({ request }))))
    }
    yield* router.post("/sign-in", Effect.flatMap(request, (request) => signIn(sourceOf({ request }))))
    yield* router.post("/sign-out", Effect.flatMap(request, (request) => signOut(sourceOf({ request }))))
  })
)
