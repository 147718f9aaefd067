/** Every attack by one request, with the answer that it must get. Those that take a course of their own are in the test. */
import * as Crypto from "node:crypto"
import * as Zlib from "node:zlib"
import { event } from "../../collector/support.js"
import { type Answer, ask, batch, chunked, get, noise, type Shape, type Target, withData } from "./Attacker.js"

export interface Attack {
  readonly name: string
  readonly send: (target: Target) => Promise<Answer>
  readonly status: number
  /** Of the error; null: an answer without one. */
  readonly code: string | null
}

const codes: Readonly<Record<number, string | null>> = {
  400: "malformed",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  413: "too_large",
  415: "unsupported",
  431: "headers_too_large"
}

const row = (name: string, status: number, send: Attack["send"]): Attack => ({
  name,
  status,
  send,
  code: codes[status] ?? null
})

const posted = (name: string, status: number, shape: Shape | ((target: Target) => Shape)): Attack =>
  row(name, status, (target) => ask(target, typeof shape === "function" ? shape(target) : shape))

const good = (): string => batch([event({ eventType: "hostile" })])

const deep = (depth: number, open = "[", close = "]"): string => open.repeat(depth) + close.repeat(depth)

const gzip = ["Content-Encoding: gzip"]

const logs = (records: string): string => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records}]}]}]}`

const otlp = (name: string, status: number, body: string | Uint8Array, more: Shape = {}): Attack =>
  posted(`OTLP: ${name}`, status, { path: "/v1/logs", body, ...more })

/** In protobuf the codes are those of gRPC, in bytes. */
const protobuf = (name: string, status: number, body: Uint8Array, headers: ReadonlyArray<string> = []): Attack => ({
  ...otlp(`protobuf, ${name}`, status, body, { type: "application/x-protobuf", headers }),
  code: null
})

/** A value that has no text and no number of its own. */
const stubborn = "{\"toString\":1,\"valueOf\":1}"

export const keys: ReadonlyArray<Attack> = [
  posted("no key", 401, { key: null, body: good() }),
  posted("an empty key", 401, { key: "", body: good() }),
  posted("a key that is none", 401, { key: "nope", body: good() }),
  posted("a key of another form", 401, { key: `eti_${noise(32)}`, body: good() }),
  posted("a key and more", 401, ({ keys }) => ({ key: `${keys.ingest}x`, body: good() })),
  posted("half a key", 401, ({ keys }) => ({ key: keys.ingest.slice(0, 20), body: good() })),
  posted("a key of 7 KB", 401, { key: "k".repeat(7_000), body: good() }),
  posted("SQL as a key", 401, { key: "' OR 1=1 --", body: good() }),
  posted("bytes as a key", 401, { key: "\u00e9\u00ff", body: good() }),
  posted("the same key twice", 401, ({ keys }) => ({ headers: [`X-API-Key: ${keys.ingest}`], body: good() })),
  posted("the key in the query", 401, ({ keys }) => ({
    key: null,
    path: `/v1/events?key=${keys.ingest}&x-api-key=${keys.ingest}&api_key=${keys.ingest}`,
    body: good()
  })),
  posted("the key as a bearer, a cookie and a password", 401, ({ keys }) => ({
    key: null,
    headers: [`Authorization: Bearer ${keys.ingest}`, `Cookie: x-api-key=${keys.ingest}`, `X-Api-Key2: ${keys.ingest}`],
    body: good()
  })),
  posted("a beacon with a key that is none", 401, {
    key: null,
    type: "text/plain",
    body: JSON.stringify({ key: "nope", events: [event()] })
  }),
  otlp("no key", 401, logs("{}"), { key: null }),
  row("rollups without a key", 401, (target) => get(target, "/v1/rollups?interval=day")),
  row("insights without a key", 401, (target) => get(target, "/v1/insights/volume")),
  row(
    "metrics through a proxy, without a key",
    401,
    (target) => get(target, "/metrics", null, ["X-Forwarded-For: 127.0.0.1"])
  )
]

export const roles: ReadonlyArray<Attack> = [
  posted("a read key sends", 403, ({ keys }) => ({ key: keys.read, body: good() })),
  posted("an admin key sends", 403, ({ keys }) => ({ key: keys.admin, body: good() })),
  posted("a read key erases", 403, ({ keys }) => ({
    key: keys.read,
    path: "/v1/events/erasure",
    body: JSON.stringify({ requestId: Crypto.randomUUID(), sessionIds: [Crypto.randomUUID()] })
  })),
  posted("a read key in a beacon", 403, ({ keys }) => ({
    key: null,
    type: "text/plain",
    body: JSON.stringify({ key: keys.read, events: [event()] })
  }))
]

const bodies: ReadonlyArray<Attack> = [
  ...[
    "",
    "{",
    "null",
    "[]",
    "{}",
    "1",
    "\"x\"",
    "{\"events\":1}",
    "{\"events\":{\"length\":1}}",
    "\u0000",
    deep(100_000)
  ].map(
    (body) => posted(`the body ${JSON.stringify(body.slice(0, 24))}`, 400, { body })
  ),
  posted("events 100,000 deep", 200, { body: `{"events":${deep(100_000)}}` }),
  posted("data 100,000 deep", 200, { body: withData(`{"a":${deep(100_000)}}`) }),
  posted("objects 100,000 deep", 400, { body: deep(100_000, "{\"a\":", "}") }),
  posted("an id that has no text", 200, { headers: ["Idempotency-Key: k"], body: `{"events":[{"id":${stubborn}}]}` }),
  posted("an id 100,000 deep", 200, { headers: ["Idempotency-Key: k"], body: `{"events":[{"id":${deep(100_000)}}]}` }),
  posted("__proto__ and constructor", 200, {
    body: withData("{\"__proto__\":{\"admin\":true},\"constructor\":{\"prototype\":{\"x\":1}}}")
  }),
  posted("__proto__ around the events", 400, { body: "{\"__proto__\":{\"events\":[]}}" }),
  posted("one key twice", 200, { body: withData("{\"a\":1,\"a\":2}") }),
  posted("1e400", 200, { body: withData("{\"a\":1e400}") }),
  posted("a number of 100,000 digits", 200, { body: withData(`{"a":${"9".repeat(100_000)}}`) }),
  posted("half a surrogate, and NUL", 200, { body: withData("{\"a\":\"\\ud800\",\"b\":\"\\u0000\"}") }),
  posted("UTF-16", 400, { body: Buffer.from(good(), "utf16le") }),
  posted("UTF-16, said to be", 415, {
    type: "application/json; charset=utf-16",
    body: Buffer.from(good(), "utf16le")
  }),
  posted("overlong UTF-8", 400, { body: Buffer.from([0x7b, 0xc0, 0xa2, 0x7d]) }),
  posted("more than 1,000 events", 413, { body: `{"events":[${"{},".repeat(1_000)}{}]}` }),
  posted("1,000 events that are none", 200, { body: `{"events":[${"0,".repeat(999)}0]}` }),
  posted("too many values", 413, { headers: gzip, body: Zlib.gzipSync(`{"events":[${"{},".repeat(2_000_000)}{}]}`) })
]

const sizes: ReadonlyArray<Attack> = [
  posted("too large, as announced", 413, { length: 3 * 1024 * 1024, body: "{" }),
  posted("a length beyond all reason", 413, { length: Number.MAX_SAFE_INTEGER, body: "{" }),
  posted("too large, in chunks", 413, {
    length: null,
    headers: ["Transfer-Encoding: chunked"],
    body: chunked(Array.from({ length: 40 }, () => " ".repeat(64 * 1024)))
  }),
  posted("a gzip bomb of 200 MB", 413, { headers: gzip, body: Zlib.gzipSync(Buffer.alloc(200 * 1024 * 1024)) }),
  posted("a small gzip bomb", 413, { headers: gzip, body: Zlib.gzipSync(Buffer.alloc(20 * 1024 * 1024)) }),
  posted("a gzip bomb from a stranger", 401, {
    key: "nope",
    headers: gzip,
    body: Zlib.gzipSync(Buffer.alloc(20 * 1024 * 1024))
  }),
  posted("a gzip bomb as a beacon", 413, {
    key: null,
    type: "text/plain",
    headers: gzip,
    body: Zlib.gzipSync(Buffer.alloc(200 * 1024 * 1024))
  }),
  posted("half of a gzip stream", 400, () => {
    const whole = Zlib.gzipSync(good())
    return { headers: gzip, body: whole.subarray(0, whole.length - 12) }
  }),
  posted("gzip that is none", 400, { headers: gzip, body: good() }),
  posted("gzip in gzip", 400, { headers: gzip, body: Zlib.gzipSync(Zlib.gzipSync(good())) }),
  ...["br", "deflate", "zstd", "gzip, gzip", "gzip, identity", "x"].map((encoding) =>
    posted(`the encoding ${encoding}`, 415, { headers: [`Content-Encoding: ${encoding}`], body: good() })
  ),
  ...["text/plain", "text/html", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x", null].map(
    (type) => posted(`the media type ${type}`, 415, { type, body: good() })
  ),
  posted("text/plain without a key in the body", 415, { key: null, type: "text/plain", body: good() })
]

const wire: ReadonlyArray<Attack> = [
  posted("length and chunks", 400, { headers: ["Transfer-Encoding: chunked"], body: chunked([good()]) }),
  posted("two lengths", 400, { headers: ["Content-Length: 3"], body: good() }),
  posted("a negative length", 400, { length: -1 }),
  ...["0x2", "+2", "2 2", "99999999999999999999999"].map((length) =>
    posted(`the length ${length}`, 400, { length: null, headers: [`Content-Length: ${length}`], body: "{}" })
  ),
  ...["gzip, chunked", "xchunked", "chunked, identity", "identity"].map((coding) =>
    posted(`the transfer coding ${coding}`, 400, {
      length: null,
      headers: [`Transfer-Encoding: ${coding}`],
      body: chunked([good()])
    })
  ),
  ...[
    "zz\r\n{}\r\n0\r\n\r\n",
    "-1\r\n{}\r\n0\r\n\r\n",
    "FFFFFFFFFFFFFFFFF\r\n{}\r\n",
    "0x2\r\n{}\r\n0\r\n\r\n",
    "2\r\n{}x\r\n0\r\n\r\n"
  ]
    .map((body) =>
      posted(`the chunk ${JSON.stringify(body.slice(0, 12))}`, 400, {
        length: null,
        headers: ["Transfer-Encoding: chunked"],
        body
      })
    ),
  posted("a body of a million chunks of one byte", 400, {
    length: null,
    headers: ["Transfer-Encoding: chunked"],
    body: "1\r\n \r\n".repeat(1_000_000) + "0\r\n\r\n"
  }),
  posted("a chunk with a long extension", 413, {
    length: null,
    headers: ["Transfer-Encoding: chunked"],
    body: `2;x=${"y".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`
  }),
  posted("a header of 40 KB", 431, { headers: [`X-A: ${"a".repeat(40 * 1024)}`], body: good() }),
  row("a path of 40 KB", 431, (target) => get(target, `/${"a".repeat(40 * 1024)}`)),
  posted("1,500 headers", 200, { headers: Array.from({ length: 1_500 }, (_, n) => `A${n}: 1`), body: good() }),
  ...[" X-Folded: a", "X\u0000: a", "X: a\u0000b", "X: a\rb", "X Y: a", "Content-Length : 2"].map((header) =>
    posted(`the header ${JSON.stringify(header)}`, 400, { headers: [header], body: good() })
  ),
  posted("HTTP/1.0", 200, { version: "1.0", body: good() }),
  posted("HTTP/9.9", 400, { version: "9.9", body: good() }),
  posted("Expect: 100-continue", 200, { headers: ["Expect: 100-continue"], body: good() }),
  { ...posted("another expectation", 417, { headers: ["Expect: x"], body: good() }), code: null },
  row("an upgrade to WebSocket", 200, (target) =>
    get(target, "/healthz", null, [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    ])),
  posted("an upgrade of what sends events", 200, {
    headers: ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"],
    body: good()
  })
]

const paths: ReadonlyArray<Attack> = [
  ...["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"].map((method) =>
    posted(`${method} /v1/events`, 405, { method, length: null })
  ),
  row("GET /v1/events", 405, (target) => get(target, "/v1/events", target.keys.ingest)),
  posted("POST /healthz", 405, { path: "/healthz", body: "{}" }),
  posted("a method that is none", 400, { method: "BREW", length: null }),
  ...[
    "/x",
    "//evil.example/healthz",
    "/../../etc/passwd",
    "/..%2f..%2fetc%2fpasswd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/v1/events%00.html",
    "/%76%31/events",
    "/v1/insights/%zz",
    "/v1/insights/%c0%af",
    "/v1/events;a=b",
    "/collector.db",
    "/__proto__",
    "/constructor"
  ].map((path) => row(`the path ${path}`, 404, (target) => get(target, path, target.keys.read))),
  // The router takes them for /v1/events, which is posted to.
  ...["/v1//events", "/v1/events/"].map((path) =>
    row(`the path ${path}`, 405, (target) => get(target, path, target.keys.read))
  ),
  row("NUL in a parameter of the path", 400, (target) => get(target, "/v1/insights/%00", target.keys.read)),
  row("a path with a raw NUL", 400, (target) => get(target, "/health\u0000z")),
  row("an absolute address of another host", 200, (target) => get(target, "http://evil.example/healthz")),
  row("a host that was pointed at us", 401, async (target) => {
    const shape = { path: "/metrics", method: "GET", key: null, type: null, length: null }
    return ask({ ...target, host: "127.0.0.1" }, { ...shape, headers: ["Via: 1.1 evil.example"] })
  })
]

const parameters: ReadonlyArray<Attack> = [
  ...[
    "interval=x",
    "from=0",
    "interval=day&interval=hour",
    "interval=day&from=x",
    "interval=day&to=x",
    "interval=day&from=99999999999999999999",
    "interval=day&app=%00",
    "interval=hour&from=0&to=8640000000000000"
  ].map(
    (query) => row(`rollups?${query}`, 400, (target) => get(target, `/v1/rollups?${query}`, target.keys.read))
  ),
  ...[
    "app=%ff",
    "app=%27%20OR%201%3D1--",
    "dimension=%25",
    "eventType=_",
    "__proto__=x&constructor=y",
    `app=${"a".repeat(9_000)}`
  ]
    .map((query) =>
      row(
        `rollups?${query.slice(0, 30)}`,
        200,
        (target) => get(target, `/v1/rollups?interval=day&${query}`, target.keys.read)
      )
    ),
  ...["from=x", "from=0&to=8640000000000000", "from=2&to=1", "format=xml", "app=%00", "step=%00"].map((query) =>
    row(`funnel?${query}`, 400, (target) => get(target, `/v1/insights/funnel?${query}`, target.keys.read))
  ),
  ...["__proto__", "constructor", "toString"].map((name) =>
    row(`insights/${name}`, 400, (target) => get(target, `/v1/insights/${name}`, target.keys.read))
  ),
  row(
    "a funnel of a thousand steps",
    200,
    (target) => get(target, `/v1/insights/funnel?${"step=a:b&".repeat(1_000)}`, target.keys.read)
  )
]

const erasures: ReadonlyArray<Attack> = ["{}", "[]", "{\"requestId\":1}", `{"requestId":"${Crypto.randomUUID()}"}`].map(
  (body) => posted(`the erasure ${body.slice(0, 16)}`, 400, { path: "/v1/events/erasure", body })
)

const varint = (value: number): Array<number> =>
  value < 128 ? [value] : [value % 128 | 128, ...varint(Math.floor(value / 128))]

const wrap = (inner: Uint8Array, tag: number): Uint8Array =>
  Buffer.concat([Buffer.from([tag, ...varint(inner.length)]), inner])

const nested = (depth: number): Uint8Array => {
  let value: Uint8Array = Buffer.from([0x10, 1])
  for (let i = 0; i < depth; i++) value = wrap(wrap(value, 0x0a), 0x2a)
  return wrap(wrap(wrap(wrap(value, 0x2a), 0x12), 0x12), 0x0a)
}

const openTelemetry: ReadonlyArray<Attack> = [
  otlp("no list", 400, "{\"resourceLogs\":{}}"),
  otlp("100,000 deep", 400, deep(100_000)),
  otlp(
    "null everywhere",
    200,
    "{\"resourceLogs\":[null,1,{\"scopeLogs\":[null,{\"logRecords\":[null,[],{\"attributes\":[null,{\"key\":1}]}]}]}]}"
  ),
  otlp("a time that is no number", 200, logs(`{"timeUnixNano":${stubborn}}`)),
  otlp("a severity that is no number", 200, logs(`{"severityNumber":${stubborn}}`)),
  ...["stringValue", "boolValue", "intValue", "doubleValue", "bytesValue", "arrayValue", "kvlistValue"].flatMap((
    name
  ) => [
    otlp(`a ${name} that is none`, 200, logs(`{"attributes":[{"key":"a","value":{"${name}":${stubborn}}}]}`)),
    otlp(`a ${name} 50,000 deep`, 200, logs(`{"body":{"${name}":${deep(50_000)}}}`))
  ]),
  otlp(
    "values 20,000 deep",
    200,
    logs(`{"body":${"{\"arrayValue\":{\"values\":[".repeat(20_000)}{}${"]}}".repeat(20_000)}}`)
  ),
  otlp(
    "__proto__ as an attribute",
    200,
    logs("{\"attributes\":[{\"key\":\"__proto__\",\"value\":{\"kvlistValue\":{\"values\":[]}}}]}")
  ),
  otlp("a flood of empty records", 413, Zlib.gzipSync(logs("{},".repeat(2_000_000) + "{}")), { headers: gzip }),
  otlp("more records than a minute allows", 413, Zlib.gzipSync(logs("{},".repeat(120_000) + "{}")), { headers: gzip }),
  otlp("a gzip bomb", 413, Zlib.gzipSync(Buffer.alloc(200 * 1024 * 1024)), { headers: gzip }),
  otlp("another media type", 415, "{}", { type: "application/grpc" }),
  protobuf("noise", 400, Buffer.from(noise(1_000))),
  protobuf("a length beyond the end", 400, Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07])),
  protobuf("a length of ten bytes", 400, Buffer.from([0x0a, ...Array<number>(9).fill(0xff), 0x01])),
  protobuf("a varint without an end", 400, Buffer.alloc(64, 0xff)),
  protobuf("groups 100,000 deep", 400, Buffer.alloc(100_000, 0x0b)),
  protobuf("values 40 deep", 200, nested(40)),
  protobuf("values 10,000 deep", 400, nested(10_000)),
  protobuf(
    "a flood of empty messages",
    413,
    Zlib.gzipSync(wrap(wrap(Buffer.alloc(6_000_000, Buffer.from([0x12, 0])), 0x12), 0x0a)),
    gzip
  ),
  protobuf("a gzip bomb", 413, Zlib.gzipSync(Buffer.alloc(200 * 1024 * 1024)), gzip),
  protobuf("half of a gzip stream", 400, Zlib.gzipSync(Buffer.alloc(10)).subarray(0, 12), gzip)
]

export const all: ReadonlyArray<Attack> = [
  ...keys,
  ...roles,
  ...bodies,
  ...sizes,
  ...wire,
  ...paths,
  ...parameters,
  ...erasures,
  ...openTelemetry
]
