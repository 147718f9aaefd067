/**
 * Who may see the panel: whoever has the address that was printed, through a browser on this machine that was not led here by
 * another site.
 *
 * The secret is a part of the path and in no page: a cookie would be sent to every other server on this machine, whatever
 * its port.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"

/**
 * @since 0.1.0
 * @category models
 */
export interface Secrets {
  /** The first part of every path. */
  readonly token: string
  /** In every form: who sends one back has read a page. */
  readonly form: string
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const makeSecrets: Effect.Effect<Secrets> = Effect.sync(() => ({
  token: randomBytes(24).toString("base64url"),
  form: randomBytes(24).toString("base64url")
}))

const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest()

/**
 * Takes as long whatever the difference.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isSame = (given: string, secret: string): boolean => timingSafeEqual(digest(given), digest(secret))

/**
 * What of a request is looked at.
 *
 * @since 0.1.0
 * @category models
 */
export interface Facts {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/**
 * @since 0.1.0
 * @category models
 */
export type Verdict =
  | { readonly _tag: "Admitted"; readonly url: string }
  | { readonly _tag: "Refused"; readonly status: 403 | 405; readonly message: string }

const refused = (message: string, status: 403 | 405 = 403): Verdict => ({ _tag: "Refused", status, message })

/** Under any other name this machine may be reached by a page that has made that name its own (DNS rebinding). */
const isOurs = (authority: string | undefined, port: number): boolean =>
  authority === `127.0.0.1:${port}` || authority === `localhost:${port}`

/** A browser says where a form comes from; another program need not. */
const isFromElsewhere = (headers: Facts["headers"]): boolean => {
  const { host, origin, "sec-fetch-site": site } = headers
  return (origin !== undefined && origin !== `http://${host}`) || (site !== undefined && site !== "same-origin")
}

/**
 * Everything but the secret of a form, which is in the body.
 *
 * @since 0.1.0
 * @category decisions
 */
export const decide = ({ headers, method, url }: Facts, token: string, port: number): Verdict => {
  if (!isOurs(headers["host"], port)) return refused("This address is not served here.")
  if (method !== "GET" && method !== "POST") return refused("Only GET and POST are understood.", 405)
  const [, given = "", rest] = /^\/([^/?#]*)(.*)$/s.exec(url) ?? []
  if (!isSame(given, token)) {
    return refused("Open the address that the command has printed: it holds a secret for this one run.")
  }
  if (method === "POST" && isFromElsewhere(headers)) return refused("This form comes from another site.")
  return { _tag: "Admitted", url: rest === undefined || rest === "" ? "" : rest }
}
