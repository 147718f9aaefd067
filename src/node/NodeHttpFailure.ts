/**
 * The errors of Node's sockets, as reasons.
 *
 * @since 0.1.0
 */
import { HttpFailure, type HttpFailureReason } from "../submission/Http.js"

const reasons: Readonly<Record<string, HttpFailureReason>> = {
  ENETUNREACH: "offline",
  ENETDOWN: "offline",
  EHOSTUNREACH: "offline",
  EHOSTDOWN: "offline",
  EADDRNOTAVAIL: "offline",
  EACCES: "offline",
  EPERM: "offline",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  ECONNREFUSED: "refused",
  ETIMEDOUT: "timeout",
  EPROTO: "certificate",
  ERR_INVALID_CHAR: "invalid",
  ERR_INVALID_URL: "invalid",
  ERR_UNESCAPED_CHARACTERS: "invalid",
  ERR_INVALID_PROTOCOL: "invalid"
}

/** Names that OpenSSL gives to a chain it does not accept, and Node to a handshake that fails. */
const insecure =
  /^(?:UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_|CRL_|INVALID_(?:CA|PURPOSE)|HOSTNAME_|PATH_LENGTH_|ERR_TLS_|ERR_SSL_)/

const texts: Readonly<Record<HttpFailureReason, string>> = {
  offline: "there is no way to that network",
  dns: "its name cannot be resolved",
  refused: "nobody listens there",
  reset: "the connection broke",
  timeout: "the connection timed out",
  garbled: "the answer is not HTTP",
  certificate: "no secure connection: its certificate, or its TLS, is not acceptable",
  invalid: "the request cannot be put into HTTP"
}

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : ""

/**
 * The reason behind an error code; a broken connection if it is none that is known.
 *
 * @since 0.1.0
 * @category conversions
 */
export const reason = (code: string): HttpFailureReason =>
  reasons[code] ?? (insecure.test(code) ? "certificate" : code.startsWith("HPE_") ? "garbled" : "reset")

/**
 * Only the error's code is quoted: its text could hold more of the request than a log should.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromError = (error: unknown, origin: string, sent: boolean): HttpFailure => {
  const code = codeOf(error)
  const why = reason(code)
  const detail = /^[A-Z][A-Z0-9_]*$/.test(code) ? ` (${code})` : ""
  return new HttpFailure({ reason: why, sent, message: `cannot reach ${origin}: ${texts[why]}${detail}` })
}
