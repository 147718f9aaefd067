/**
 * The panel as a web application: who may come in, which page is shown, what a form does, and the headers of every answer.
 *
 * @since 0.1.0
 */
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Telemetry } from "../../Telemetry.js"
import * as Page from "../../web/Page.js"
import * as Theme from "../../web/Theme.js"
import { failed, type Failure, messageOf } from "../Failure.js"
import { type Flags, Host, withWhateverIsThere } from "../Host.js"
import { json } from "../render/text.js"
import * as Access from "./Access.js"
import * as Actions from "./Actions.js"
import * as Frame from "./Frame.js"
import * as Live from "./Live.js"
import type { Section } from "./Section.js"
import { sections } from "./sections.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly flags: Flags
  readonly secrets: Access.Secrets
  /** Where it listens. */
  readonly port: number
}

type Response = HttpServerResponse.HttpServerResponse

/** Bytes of a form. */
const maxFormBytes = 256 * 1024

const headers = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
    "img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY"
}

const text = (body: string, contentType: string, status = 200): Response =>
  HttpServerResponse.text(body, { status, contentType: `${contentType}; charset=utf-8` })

const sentence = (message: string, status: number): Response => text(`${message}\n`, "text/plain", status)

/** A stylesheet, a script and the status: what pages load. */
const files = (options: Options): Readonly<Record<string, Effect.Effect<Response, Failure, Host>>> => ({
  "page.css": Effect.succeed(text(Theme.css, "text/css")),
  "page.js": Effect.succeed(text(Live.script, "text/javascript")),
  "status.json": Effect.flatMap(Host, (host) => host.status({ dataDir: options.flags.dataDir })).pipe(
    Effect.mapBoth({
      onFailure: ({ message }) => failed(message),
      onSuccess: (status) => text(json(status), "application/json")
    })
  )
})

const shown = (options: Options, section: Section, params: URLSearchParams, form?: URLSearchParams) =>
  Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const request = { params, secret: options.secrets.form, now }
    const { status } = yield* Effect.flatMap(
      Telemetry,
      (telemetry) => Effect.map(telemetry.status, (status) => ({ status }))
    )
    const main = form === undefined || section.answer === undefined
      ? section.show(request)
      : section.answer(request, form)
    const content = yield* Effect.match(main, {
      onFailure: ({ message }) => Page.notice("bad", message),
      onSuccess: (content) => content
    })
    return yield* Frame.make({ section, status, content, params, isAnswer: form !== undefined })
  }).pipe(
    Effect.map((page) => text(page.markup, "text/html")),
    withWhateverIsThere(options.flags)
  )

const isForm = (request: HttpServerRequest.HttpServerRequest): boolean =>
  request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true

const formOf = (request: HttpServerRequest.HttpServerRequest) =>
  Effect.map(
    HttpServerRequest.withMaxBodySize(request.text, Option.some(maxFormBytes)),
    (body) => new URLSearchParams(body)
  )

const post = (
  options: Options,
  request: HttpServerRequest.HttpServerRequest,
  name: string
): Effect.Effect<Response, Failure, Host> =>
  Effect.gen(function*() {
    const section = sections.find(({ href }) => href === name)
    const action = Actions.find(name)
    if (action === undefined && section?.answer === undefined) return sentence("There is nothing to do here.", 404)
    if (!isForm(request)) return sentence("Only forms of the panel are understood.", 415)
    const form = yield* Effect.option(formOf(request))
    if (Option.isNone(form)) return sentence("This form is too large, or was cut off.", 413)
    if (!Access.isSame(form.value.get("secret") ?? "", options.secrets.form)) {
      return sentence("This form is of another run of the panel: open the page again.", 403)
    }
    if (action !== undefined) {
      return yield* Effect.match(action(options.flags, form.value), {
        onFailure: ({ exitCode, message }) => sentence(message, exitCode === 2 ? 400 : 500),
        onSuccess: (to) => HttpServerResponse.redirect(to, { status: 303 })
      })
    }
    return section === undefined ? sentence("", 404) : yield* shown(options, section, new URLSearchParams(), form.value)
  })

const get = (options: Options, name: string, params: URLSearchParams): Effect.Effect<Response, Failure, Host> => {
  const section = sections.find(({ href }) => href === (name === "" ? "./" : name))
  if (section !== undefined) return shown(options, section, params)
  const all = files(options)
  return (Object.hasOwn(all, name) ? all[name] : undefined) ??
    Effect.succeed(sentence("There is no such page.", 404))
}

const answer = (
  options: Options,
  request: HttpServerRequest.HttpServerRequest
): Effect.Effect<Response, Failure, Host> => {
  const verdict = Access.decide(request, options.secrets.token, options.port)
  if (verdict._tag === "Refused") {
    const refusal = sentence(verdict.message, verdict.status)
    return Effect.succeed(
      verdict.status === 405 ? HttpServerResponse.setHeader(refusal, "allow", "GET, POST") : refusal
    )
  }
  if (!verdict.url.startsWith("/")) {
    return Effect.succeed(HttpServerResponse.redirect(`/${options.secrets.token}/`, { status: 308 }))
  }
  const [path = "", query = ""] = verdict.url.slice(1).split("?", 2)
  return request.method === "POST" ? post(options, request, path) : get(options, path, new URLSearchParams(query))
}

/**
 * Answers every request, and always with the same headers.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): HttpApp.Default<never, Host> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => answer(options, request)).pipe(
    Effect.catchAllCause((cause) =>
      Cause.isInterruptedOnly(cause)
        ? Effect.interrupt
        : Effect.succeed(sentence(messageOf(Cause.squash(cause)), 500))
    ),
    Effect.map((response) => HttpServerResponse.setHeaders(response, headers))
  )
