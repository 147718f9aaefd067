/**
 * What a page of the panel is.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import { type Child, type Html, html } from "../../web/Html.js"
import type { Host, Services } from "../Host.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly params: URLSearchParams
  /** For the forms of the page. */
  readonly secret: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Reads what is there and shows it. Telemetry is opened anew for each request: what any process has changed is seen.
 *
 * @since 0.1.0
 * @category models
 */
export interface Section {
  /** Seen from any other page. */
  readonly href: string
  readonly name: string
  readonly lead: Child
  /** It is not in the navigation, but belongs to the page of this address. */
  readonly within?: string
  readonly show: (request: Request) => Effect.Effect<Child, { readonly message: string }, Services | Host>
  /** What its own form, sent back, shows in place of that. Nothing is changed by it. */
  readonly answer?: (
    request: Request,
    form: URLSearchParams
  ) => Effect.Effect<Child, { readonly message: string }, Services | Host>
}

/**
 * A form of the panel, with the proof that it was read here.
 *
 * @since 0.1.0
 * @category constructors
 */
export const form = (action: string, request: Request, content: Child): Html =>
  html`<form method="post" action=${action}><input type="hidden" name="secret" value=${request.secret}>${content}</form>`

/**
 * A form that is a single button.
 *
 * @since 0.1.0
 * @category constructors
 */
export const button = (
  action: string,
  request: Request,
  name: string,
  options: { readonly danger?: boolean; readonly fields?: Readonly<Record<string, string>> } = {}
): Html =>
  form(
    action,
    request,
    html`${
      Object.entries(options.fields ?? {}).map(([name, value]) =>
        html`<input type="hidden" name=${name} value=${value}>`
      )
    }<button class=${options.danger === true ? "danger" : ""}>${name}</button>`
  )
