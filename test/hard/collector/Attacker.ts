/** What an attacker has: a socket, bytes, and patience. What comes back is read as it stands on the wire. */
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Net from "node:net"
import { event } from "../../collector/support.js"

export interface Answer {
  /** 0: the connection ended without an answer. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Target {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly pid: number
  readonly keys: { readonly ingest: string; readonly read: string; readonly admin: string }
}

export const none: Answer = { status: 0, headers: {}, body: "" }

/** All answers of a connection, one after the other; those before the real one (100) are left out. */
export const parse = (bytes: Buffer): ReadonlyArray<Answer> => {
  const out: Array<Answer> = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf("\r\n\r\n", at)
    if (end < 0) break
    const [first, ...lines] = bytes.toString("latin1", at, end).split("\r\n")
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()])
    )
    const status = Number(first!.slice(9, 12))
    const length = headers["content-length"] === undefined
      ? (status < 200 ? 0 : Infinity)
      : Number(headers["content-length"])
    const body = bytes.toString("utf8", end + 4, Math.min(bytes.length, end + 4 + length))
    at = end + 4 + length
    if (status >= 200) out.push({ status, headers, body })
  }
  return out
}

export interface Sent {
  readonly answers: ReadonlyArray<Answer>
  /** From the connection to its end. */
  readonly millis: number
}

/**
 * Writes the parts in order, each `pauseMillis` after the one before, until the server closes or time is up. Bytes that the
 * server no longer reads are no failure.
 */
export const exchange = (
  target: Target,
  parts: ReadonlyArray<string | Uint8Array>,
  { limitMillis = 8_000, pauseMillis = 0, halfClose = false } = {}
): Promise<Sent> =>
  new Promise((resolve) => {
    const began = performance.now()
    const socket = Net.connect({ port: target.port, host: target.host, allowHalfOpen: true })
    const received: Array<Buffer> = []
    const timers = new Set([setTimeout(() => socket.destroy(), limitMillis)])
    const write = (index: number): void => {
      const part = parts[index]
      if (part === undefined) {
        if (halfClose) socket.end()
        return
      }
      if (!socket.destroyed && socket.writable) socket.write(part)
      if (pauseMillis === 0) write(index + 1)
      else timers.add(setTimeout(() => write(index + 1), pauseMillis))
    }
    socket.on("connect", () => write(0))
    socket.on("data", (part: Buffer) => received.push(part))
    socket.on("end", () => socket.destroy())
    socket.on("error", () => {})
    socket.on("close", () => {
      timers.forEach(clearTimeout)
      resolve({ answers: parse(Buffer.concat(received)), millis: performance.now() - began })
    })
  })

export interface Shape {
  readonly method?: string
  readonly path?: string
  readonly version?: string
  /** Instead of the ingest key; null: none. */
  readonly key?: string | null
  readonly type?: string | null
  readonly headers?: ReadonlyArray<string>
  readonly body?: string | Uint8Array
  /** Announced; null: not at all. */
  readonly length?: number | null
}

/** A request as bytes. Without more it is a good one but for its body. */
export const request = (target: Target, shape: Shape = {}): Buffer => {
  const { headers = [], key = target.keys.ingest, method = "POST", path = "/v1/events", version = "1.1" } = shape
  const body = Buffer.from(shape.body ?? "")
  const type = shape.type === undefined ? "application/json" : shape.type
  const length = shape.length === undefined ? body.length : shape.length
  const lines = [
    `${method} ${path} HTTP/${version}`,
    `Host: ${target.host}:${target.port}`,
    "Connection: close",
    ...(key === null ? [] : [`X-API-Key: ${key}`]),
    ...(type === null ? [] : [`Content-Type: ${type}`]),
    ...(length === null ? [] : [`Content-Length: ${length}`]),
    ...headers
  ]
  return Buffer.concat([Buffer.from(lines.join("\r\n") + "\r\n\r\n", "latin1"), body])
}

export const ask = async (target: Target, shape: Shape = {}): Promise<Answer> =>
  (await exchange(target, [request(target, shape)])).answers[0] ?? none

export const get = (target: Target, path: string, key: string | null = null, headers: ReadonlyArray<string> = []) =>
  ask(target, { method: "GET", path, key, type: null, length: null, headers })

export const batch = (events: ReadonlyArray<unknown>): string => JSON.stringify({ events })

/** An event whose data is that JSON text, as it stands. */
export const withData = (json: string, eventType = "hostile"): string =>
  batch([event({ eventType, eventData: "@" })]).replace("\"@\"", () => json)

export const chunked = (parts: ReadonlyArray<string>): string =>
  parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join("") + "0\r\n\r\n"

export const noise = (bytes: number): string => Crypto.randomBytes(bytes).toString("base64url").slice(0, bytes)

/** Of a process, in bytes: now, and the most it ever was. */
export const memory = (pid: number): { readonly resident: number; readonly peak: number } => {
  const text = Fs.readFileSync(`/proc/${pid}/status`, "utf8")
  const read = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)![1]) * 1_024
  return { resident: read("VmRSS"), peak: read("VmHWM") }
}
