import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as fc from "effect/FastCheck"
import { createHash } from "node:crypto"
import * as Endpoint from "../../src/submission/Endpoint.js"

const accepted: ReadonlyArray<readonly [text: string, url: string, origin: string]> = [
  [
    "https://telemetry.example.com/v1/events",
    "https://telemetry.example.com/v1/events",
    "https://telemetry.example.com"
  ],
  [
    "HTTPS://Telemetry.Example.COM:443/v1/events",
    "https://telemetry.example.com/v1/events",
    "https://telemetry.example.com"
  ],
  ["https://example.com:8443", "https://example.com:8443/", "https://example.com:8443"],
  ["https://10.0.0.7/in", "https://10.0.0.7/in", "https://10.0.0.7"],
  ["https://example.com/in?tenant=a,b", "https://example.com/in?tenant=a,b", "https://example.com"],
  ["https://example.com/user@host", "https://example.com/user@host", "https://example.com"],
  ["http://localhost:4318/v1/events", "http://localhost:4318/v1/events", "http://localhost:4318"],
  ["http://LOCALHOST/v1", "http://localhost/v1", "http://localhost"],
  ["http://127.0.0.1:4318/v1/events", "http://127.0.0.1:4318/v1/events", "http://127.0.0.1:4318"],
  ["http://127.255.255.254/", "http://127.255.255.254/", "http://127.255.255.254"],
  ["http://[::1]:4318/v1", "http://[::1]:4318/v1", "http://[::1]:4318"],
  ["http://[0:0:0:0:0:0:0:1]/", "http://[::1]/", "http://[::1]"],
  // Other spellings of 127.0.0.1: the request goes where the parser says, and that is this machine.
  ["http://2130706433/", "http://127.0.0.1/", "http://127.0.0.1"],
  ["http://0x7f000001/", "http://127.0.0.1/", "http://127.0.0.1"],
  ["http://0x7f.1/", "http://127.0.0.1/", "http://127.0.0.1"],
  ["http://0177.0.0.1/", "http://127.0.0.1/", "http://127.0.0.1"],
  ["http://127.1/", "http://127.0.0.1/", "http://127.0.0.1"],
  ["http://127.0.0.1./", "http://127.0.0.1/", "http://127.0.0.1"]
]

const refused: ReadonlyArray<readonly [text: string, why: RegExp]> = [
  ["", /empty/],
  ["example.com", /full address/],
  ["//example.com/v1", /full address/],
  ["https:example.com/v1", /full address/],
  ["https:/example.com/v1", /full address/],
  ["https:///example.com/v1", /full address/],
  ["https://", /full address/],
  ["https://:443/", /full address/],
  ["https://exa[mple.com", /full address/],
  ["https://example.com:99999/", /full address/],
  ["https://example.com:0/", /port 0/],
  ["ftp://example.com/v1", /full address/],
  ["file:///etc/passwd", /full address/],
  ["javascript:alert(1)", /full address/],
  ["data:text/plain,hello", /full address/],
  ["ws://localhost:4318/", /full address/],
  ["unix:///run/telemetry.sock", /full address/],
  ["http+unix://localhost/v1", /full address/],
  ["http://example.com/v1", /plain http/],
  ["http://localhost.evil.com/", /plain http/],
  ["http://localhost./", /plain http/],
  ["http://localhost.localdomain/", /plain http/],
  ["http://foo.localhost/", /plain http/],
  ["http://127.0.0.1.evil.com/", /plain http/],
  ["http://127.0.0.1.nip.io/", /plain http/],
  ["http://127-0-0-1.example.com/", /plain http/],
  ["http://128.0.0.1/", /plain http/],
  ["http://126.255.255.255/", /plain http/],
  ["http://0.0.0.0:4318/", /plain http/],
  ["http://0/", /plain http/],
  ["http://2147483649/", /plain http/],
  ["http://0x80000001/", /plain http/],
  ["http://10.0.0.7/", /plain http/],
  ["http://169.254.169.254/latest/meta-data", /plain http/],
  ["http://[::]/", /plain http/],
  ["http://[::2]/", /plain http/],
  ["http://[::ffff:127.0.0.1]/", /plain http/],
  ["http://[::ffff:7f00:1]/", /plain http/],
  ["http://[::127.0.0.1]/", /plain http/],
  ["http://[fe80::1]/", /plain http/],
  ["http://[::1%25lo]/", /full address/],
  ["http://localhost@evil.com/", /user name/],
  ["http://127.0.0.1:80@evil.com/", /user name/],
  ["https://user:password@example.com/", /user name/],
  ["https://user@example.com/", /user name/],
  ["https://:password@example.com/", /user name/],
  ["https://@example.com/", /user name/],
  ["http://evil.com@localhost/", /user name/],
  ["https://evil.com\\@example.com/", /backslash/],
  ["http:\\\\localhost\\v1", /backslash/],
  ["http://localhost:4318\\.evil.com/", /backslash/],
  ["https://example.com/v1#top", /fragment/],
  ["https://example.com#@localhost", /fragment/],
  ["https://example.com/#", /fragment/],
  [" https://example.com/", /space/],
  ["https://example.com/ ", /space/],
  ["https://exam ple.com/", /space/],
  ["https://example.com/\r\nX-Injected: 1", /control/],
  ["ht\ttps://example.com/", /control/],
  ["https://example.com/\u0000", /control/],
  ["https://example.com/\u0085", /control/],
  ["http://local\u00adhost/", /control/],
  ["http://local\u200bhost/", /control/],
  ["https://example.com/\u202egnp.exe", /control/],
  [`https://example.com/${"a".repeat(2048)}`, /longer/]
]

const host = fc.oneof(
  fc.webAuthority({ withUserInfo: true, withIPv4Extended: true, withIPv6: true, withPort: true }),
  fc.tuple(
    fc.constantFrom("localhost", "127.0.0.1", "[::1]", "0x7f.1"),
    fc.constantFrom("", ".", "@", "\\", "%2e", ".evil.com", "@evil.com", ":80@evil.com", "\t.evil.com", "。evil.com")
  ).map(([a, b]) => a + b),
  fc.string()
)

describe("Endpoint", () => {
  it.each(accepted)("accepts %s", (text, url, origin) => {
    const parsed = Either.getOrThrow(Endpoint.parse(text))
    expect(parsed.url).toBe(url)
    expect(parsed.origin).toBe(origin)
    expect(parsed.loopback).toBe(/^https?:\/\/(localhost|127\.|\[::1\])/.test(url))
  })

  it.each(refused)("refuses %j", (text, why) => {
    const error = Either.getOrThrow(Either.flip(Endpoint.parse(text)))
    expect(error.message).toMatch(why)
    if (text.length > 8) expect(error.message).not.toContain(text)
  })

  it.prop("never lets plain http leave the machine, whatever the text", [host], ([host]) => {
    const parsed = Endpoint.parse(`http://${host}/v1`)
    if (Either.isRight(parsed)) {
      expect(new URL(parsed.right.url).hostname).toMatch(/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/)
    }
  })

  it("derives the other calls from the path and keeps a query", () => {
    const at = (text: string) => Either.getOrThrow(Endpoint.parse(text))
    expect(Endpoint.route(at("https://example.com/v1/events"), "ping")).toBe("https://example.com/v1/events/ping")
    expect(Endpoint.route(at("https://example.com/v1/events//"), "info")).toBe("https://example.com/v1/events/info")
    expect(Endpoint.route(at("https://example.com"), "erasure")).toBe("https://example.com/erasure")
    expect(Endpoint.route(at("https://example.com/in?tenant=1"), "ping")).toBe("https://example.com/in/ping?tenant=1")
  })

  it("gives a fingerprint that changes with address and key and shows neither", () => {
    const hash = (text: string) => createHash("sha256").update(text).digest("hex")
    const one = Either.getOrThrow(Endpoint.parse("https://example.com/v1"))
    const two = Either.getOrThrow(Endpoint.parse("https://example.com/v2"))
    const prints = [
      Endpoint.fingerprint(one, null, hash),
      Endpoint.fingerprint(one, "", hash),
      Endpoint.fingerprint(one, "key-one", hash),
      Endpoint.fingerprint(two, "key-one", hash)
    ]
    expect(new Set(prints).size).toBe(4)
    expect(Endpoint.fingerprint(one, "key-one", hash)).toBe(prints[2])
    for (const print of prints) expect(print).not.toMatch(/key-one|example/)
  })
})
