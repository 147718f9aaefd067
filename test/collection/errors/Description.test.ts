import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Description from "../../../src/collection/errors/Description.js"
import * as Fingerprint from "../../../src/collection/errors/Fingerprint.js"
import * as Message from "../../../src/collection/errors/Message.js"

const categories: ReadonlyArray<readonly [Description.Category, string, string]> = [
  ["network", "Error", "connect ECONNREFUSED 127.0.0.1:5432"],
  ["network", "TypeError", "fetch failed"],
  ["network", "TypeError", "Failed to fetch"],
  ["network", "Error", "getaddrinfo ENOTFOUND api.example.com"],
  ["network", "Error", "socket hang up"],
  ["network", "Error", "unable to verify the first certificate"],
  ["timeout", "Error", "connect ETIMEDOUT 10.0.0.1:443"],
  ["timeout", "ConnectTimeoutError", "Connect Timeout Error"],
  ["timeout", "TimeoutException", "Operation timed out after '30s'"],
  ["timeout", "Error", "network timeout at: https://api.example.com"],
  ["timeout", "DeadlineExceeded", "deadline exceeded"],
  ["auth", "HttpError", "Request failed with status code 401"],
  ["auth", "Error", "Invalid API key provided"],
  ["auth", "UnauthorizedError", "no"],
  ["auth", "AuthenticationError", "login failed"],
  ["auth", "JsonWebTokenError", "jwt malformed"],
  ["permission", "Error", "EACCES: permission denied, open '/etc/shadow'"],
  ["permission", "Error", "EPERM: operation not permitted, unlink 'x'"],
  ["permission", "Error", "EROFS: read-only file system"],
  ["storage", "Error", "ENOSPC: no space left on device, write"],
  ["storage", "Error", "ENOENT: no such file or directory, open 'config.json'"],
  ["storage", "SqliteError", "SQLITE_BUSY: database is locked"],
  ["storage", "QuotaExceededError", "The quota has been exceeded"],
  ["api", "HttpError", "Internal Server Error"],
  ["api", "Error", "Request failed with status code 503"],
  ["api", "ResponseError", "StatusCode: non 2xx status code (500 POST)"],
  ["api", "Error", "Too Many Requests"],
  ["validation", "SyntaxError", "Unexpected token < in JSON at position 0"],
  ["validation", "ParseError", "Expected string, actual 5"],
  ["validation", "ZodError", "name is required"],
  ["validation", "RangeError", "Invalid array length"],
  ["unknown", "TypeError", "Cannot read properties of undefined (reading 'foo')"],
  ["unknown", "Error", ""],
  ["unknown", "Error", "something broke"]
]

const severities: ReadonlyArray<readonly [Description.Severity, string, string, boolean]> = [
  ["CRITICAL", "Error", "anything", true],
  ["CRITICAL", "RangeError", "Maximum call stack size exceeded", false],
  ["CRITICAL", "Error", "ENOSPC: no space left on device, write", false],
  ["CRITICAL", "SqliteError", "database disk image is corrupt", false],
  ["INFO", "AbortError", "The operation was aborted", false],
  ["INFO", "Error", "Cancelled by the user", false],
  ["WARNING", "TimeoutError", "The operation was aborted due to timeout", false],
  ["WARNING", "Error", "connect ECONNREFUSED 127.0.0.1:80", false],
  ["WARNING", "ParseError", "Expected string", false],
  ["WARNING", "DeprecationWarning", "Buffer() is deprecated", false],
  ["ERROR", "TypeError", "x is not a function", false],
  ["ERROR", "Error", "EACCES: permission denied", false],
  ["ERROR", "SqliteError", "no such table: t", false],
  ["DEBUG", "DebugError", "trace", false]
]

describe("the category", () => {
  for (const [category, errorType, message] of categories) {
    it(`of ${errorType}: ${message || "(no message)"} is ${category}`, () => {
      assert.strictEqual(Description.categoryOf(errorType, message), category)
    })
  }
})

describe("the severity", () => {
  for (const [severity, errorType, message, fatal] of severities) {
    it(`of ${fatal ? "a fatal " : ""}${errorType}: ${message} is ${severity}`, () => {
      assert.strictEqual(Description.describe({ errorType, message, fatal }).severity, severity)
    })
  }
})

describe("what is given", () => {
  it("overrides what would be told", () => {
    const data = Description.describe({ errorType: "E", message: "m", severity: "INFO", category: "api" })
    assert.deepInclude(data, { severity: "INFO", category: "api", fatal: false, count: 1 })
  })

  it("goes on as it is, and what is absent stays absent", () => {
    const bare = Description.describe({ errorType: "E", message: "m" })
    assert.notProperty(bare, "stack")
    assert.notProperty(bare, "context")
    const context = { a: 1 }
    const whole = Description.describe({ errorType: "E", message: "m", stack: "s", context })
    assert.strictEqual(whole.stack, "s")
    assert.strictEqual(whole.context, context)
  })

  it("may be anything at all", () => {
    const hostile = { errorType: Symbol("x"), message: null, stack: 5, fatal: "yes" } as object
    const data = Description.describe(hostile as Description.Input)
    assert.deepInclude(data, { errorType: "Error", message: "", fatal: false })
  })
})

const stack = (frames: ReadonlyArray<string>, message = "boom"): string => [`Error: ${message}`, ...frames].join("\n")

const home = stack([
  "    at parse (/home/ann/app/src/parser.ts:12:34)",
  "    at async Index.build (/home/ann/app/src/index.ts:99:1)",
  "    at node:internal/process/task_queues:95:5"
])

describe("the fingerprint is the same", () => {
  const same: ReadonlyArray<readonly [string, readonly [string, string, string], readonly [string, string, string]]> = [
    ["on another line", ["E", "m", home], ["E", "m", home.replace("12:34", "480:2").replace("99:1", "7:7")]],
    ["in another directory", ["E", "m", home], ["E", "m", home.replaceAll("/home/ann/app/", "C:\\Users\\bob\\x\\")]],
    ["with another message over the same stack", ["E", "user 5", home], ["E", "user 6", home]],
    [
      "in another build",
      ["E", "m", stack(["    at f (https://x.example/assets/main-3f9a2c1b.js:1:2)"])],
      ["E", "m", stack(["    at f (https://cdn.example/v2/main-77ab01ef.js?v=3:9:9)"])]
    ],
    [
      "with other internals below",
      ["E", "m", home],
      ["E", "m", home.replace("task_queues:95:5", "timers:1:1") + "\n    at x (node:events:1:2)"]
    ],
    ["in Firefox with other lines", ["E", "m", "f@https://a.example/m.js:1:2"], [
      "E",
      "m",
      "f@https://a.example/m.js:3:4"
    ]],
    ["with another id", ["E", "order 3f2504e0-4f89-41d3-9a0c-0305e82c3301 failed", ""], [
      "E",
      "order 9b2e1c5a-0f0f-4abc-8def-0123456789ab failed",
      ""
    ]],
    ["with another number", ["E", "took 12.5 ms", ""], ["E", "took 3 ms", ""]],
    ["with another path", ["E", "cannot open /home/ann/a.txt", ""], ["E", "cannot open /tmp/b/c.log", ""]],
    ["with another Windows path", ["E", "cannot open C:\\Users\\ann\\a.txt", ""], [
      "E",
      "cannot open D:\\b\\c.log",
      ""
    ]],
    ["with another quoted value", ["E", "user 'ann' not found", ""], ["E", "user 'bob' not found", ""]],
    ["with another hash", ["E", "commit 9fceb02d0ae598e95dc970b74767f19372d61af8", ""], [
      "E",
      "commit 1a410efbd13591db07496601ebc7a059dd55cfe9",
      ""
    ]],
    ["with another address", ["E", "no user ann@example.com", ""], ["E", "no user bob.b@example.org", ""]],
    ["with another URL", ["E", "GET https://a.example/x?id=1 failed", ""], ["E", "GET http://b.example/y failed", ""]]
  ]
  for (const [name, a, b] of same) {
    it(name, () => {
      assert.strictEqual(Fingerprint.make(...a), Fingerprint.make(...b))
    })
  }
})

describe("the fingerprint differs", () => {
  const other: ReadonlyArray<readonly [string, readonly [string, string, string], readonly [string, string, string]]> =
    [
      ["by type", ["A", "m", home], ["B", "m", home]],
      ["by function", ["E", "m", home], ["E", "m", home.replace("at parse", "at print")]],
      ["by file", ["E", "m", home], ["E", "m", home.replace("parser.ts", "printer.ts")]],
      ["by the words of the message, without a stack", ["E", "user not found", ""], ["E", "order not found", ""]],
      ["by the words of the message, when no frame is the program's own", [
        "E",
        "first",
        stack(["    at x (node:fs:1:2)", "    at y (/a/node_modules/z/index.js:1:2)"])
      ], ["E", "second", stack(["    at x (node:fs:1:2)"])]]
    ]
  for (const [name, a, b] of other) {
    it(name, () => {
      assert.notStrictEqual(Fingerprint.make(...a), Fingerprint.make(...b))
    })
  }

  it.prop(
    "for different words",
    [FastCheck.uniqueArray(FastCheck.stringMatching(/^[g-z]{1,8}$/), { minLength: 2 })],
    ([words]) => {
      assert.strictEqual(new Set(words.map((word) => Fingerprint.make("E", word, ""))).size, words.length)
    }
  )
})

describe("the fingerprint", () => {
  it.prop("is 16 letters, whatever comes in", [
    FastCheck.fullUnicodeString(),
    FastCheck.fullUnicodeString(),
    FastCheck.fullUnicodeString()
  ], ([errorType, message, trace]) => {
    assert.match(Fingerprint.make(errorType, message, trace), /^[a-p]{16}$/)
  })

  it("keeps nothing of what a message quotes", () => {
    const text = Message.normalize("user 'ann' (ann@example.com) at /home/ann with 4111 1111 1111 1111")
    assert.notMatch(text, /ann|example|home|1/)
  })

  it("reads no more than the head of an endless text", () => {
    const endless = "a/".repeat(5_000_000)
    assert.strictEqual(
      Fingerprint.make("E", endless, endless),
      Fingerprint.make("E", endless.slice(0, 2_000), endless.slice(0, 20_000))
    )
  })
})
