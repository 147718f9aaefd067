/**
 * The cookie of who is signed in, and whether a form came from a page of ours.
 *
 * Where the request reached a proxy by TLS, the cookie is `Secure` and bound to the host by its name. A proxy's word is
 * taken for that without more: who forges it only keeps their own browser from sending the cookie back.
 *
 * @since 0.1.0
 */
import type * as Http from "node:http"
import * as Limits from "../Limits.js"

const plain = "et_dashboard"
const bound = `__Host-${plain}`

const isTls = (source: Http.IncomingMessage): boolean => source.headers["x-forwarded-proto"] === "https"

/**
 * The collector's own origin, as the browser was told it.
 *
 * @since 0.1.0
 * @category getters
 */
export const originOf = (source: Http.IncomingMessage): string =>
  `${isTls(source) ? "https" : "http"}://${source.headers.host ?? "127.0.0.1:4318"}`

/**
 * The token that came with a request; empty when there is none.
 *
 * @since 0.1.0
 * @category getters
 */
export const read = (source: Http.IncomingMessage): string => {
  const name = isTls(source) ? bound : plain
  for (const part of (source.headers.cookie ?? "").split(";")) {
    const [key, value] = part.trim().split("=", 2)
    if (key === name) return value ?? ""
  }
  return ""
}

// Lax, so that who follows a link to a page from a chat is signed in there: nothing is changed by such a request, and what
// changes something is a form that is asked where it comes from.
const written = (source: Http.IncomingMessage, token: string, seconds: number): string => {
  const [name, secure] = isTls(source) ? [bound, "; Secure"] : [plain, ""]
  return `${name}=${token}; HttpOnly; SameSite=Lax; Path=/; Max-Age=${seconds}${secure}`
}

/**
 * @since 0.1.0
 * @category conversions
 */
export const set = (source: Http.IncomingMessage, token: string): string =>
  written(source, token, Limits.dashboardSessionMillis / 1_000)

/**
 * @since 0.1.0
 * @category conversions
 */
export const clear = (source: Http.IncomingMessage): string => written(source, "", 0)

/**
 * Did our own page send this form? Browsers say where a form comes from; who says nothing is no browser, and has no cookie
 * that somebody else could make it send.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isOurs = (source: Http.IncomingMessage): boolean => {
  const { host, origin } = source.headers
  const site = source.headers["sec-fetch-site"]
  if (site !== undefined && site !== "same-origin") return false
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`
}
