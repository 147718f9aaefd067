/**
 * Planted secrets and look-alikes, made up for these tests. Marks of vendors are put together from parts, so that no scanner
 * takes this file for a leak.
 */
const join = (...parts: ReadonlyArray<string>): string => parts.join("")

export interface Secret {
  readonly kind: string
  readonly secret: string
  /** What replaces it. */
  readonly token: string
  /** The text that gives it away, where it does not do so by itself. */
  readonly text?: string
}

const secret = (kind: string, token: string, secret: string, text?: string): Secret =>
  text === undefined ? { kind, token, secret } : { kind, token, secret, text }

const random = "Xq7Lm2Zt9Rb4Kc8Wd3Vf6Hg1Jn5Ps0Yu"

export const secrets: ReadonlyArray<Secret> = [
  secret("an e-mail address", "[email]", "jane.doe+test@mail.acme-corp.co.uk"),
  secret("an address in an internationalized domain", "[email]", "jane@bücher.example"),
  secret("an encoded address", "[email]", "jane.doe%40example.com"),
  secret("an address in quotes", "[email]", "\"jane doe\"@example.com"),
  secret("an address in angle brackets", "[email]", "jane.doe@example.com", "Jane <jane.doe@example.com> wrote"),
  secret("a Visa card", "[card]", "4539 1488 0343 6467"),
  secret("a card with dots", "[card]", "4111.1111.1111.1111"),
  secret("an American Express card", "[card]", "3714-496353-98431"),
  secret("a card of 19 digits", "[card]", "6304000000000000000"),
  secret("sixteen digits that pass no check", "[card]", "1234567890123456"),
  secret("a German IBAN", "[iban]", "DE89 3704 0044 0532 0130 00"),
  secret("an IBAN without spaces", "[iban]", "FR7630006000011234567890189"),
  secret("a social security number", "[ssn]", "536-22-8145"),
  secret("nine digits that are called a social security number", "[ssn]", "536228145", "his SSN is 536228145"),
  secret("an international phone number", "[phone]", "+1 (415) 555-0132"),
  secret("a phone number without spaces", "[phone]", "+4915123456789"),
  secret("an American phone number", "[phone]", "(415) 555-0132"),
  secret("a national phone number", "[phone]", "030 1234 5678"),
  secret("a number with the prefix of a country", "[phone]", "0049 30 1234567"),
  secret("a number that is called a phone number", "[phone]", "5403926876", "phone number 5403926876"),
  secret("a number in a pair", "[phone]", "5403926876", "mobile=5403926876"),
  secret("a number that is said to be a phone", "[phone]", "07911123456", "07911123456 is my phone"),
  secret("a number that is called a phone", "[phone]", "5403926876", "Phone: 5403926876"),
  secret("an IPv4 address", "[ip]", "203.0.113.77"),
  secret("a network", "[ip]", "203.0.113.0/24"),
  secret("an IPv6 address", "[ip]", "2001:db8:85a3::8a2e:370:7334"),
  secret("an IPv6 address in full", "[ip]", "2001:0db8:85a3:0000:0000:8a2e:0370:7334"),
  secret("a link-local address with a zone", "[ip]", "fe80::1ff:fe23:4567:890a%eth0"),
  secret("the loopback address", "[ip]", "::1", "refused by ::1 again"),
  secret("the loopback address with a port", "[ip]", "::1", "http://[::1]:8080/"),
  secret("the unspecified address", "[ip]", "::", "src=:: dst=fe80::1"),
  secret("a MAC address", "[mac]", "3c:22:fb:8a:19:0e"),
  secret("a MAC address with dashes", "[mac]", "3C-22-FB-8A-19-0E"),
  secret("a MAC address with dots", "[mac]", "3c22.fb8a.190e"),
  secret(
    "a JSON Web Token",
    "[jwt]",
    join("eyJhbGciOiJIUzI1NiJ9", ".", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", ".", "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")
  ),
  secret("a bearer token", "[credentials]", "9f8e7d6c5b4a39281706f5e4", "sent Bearer 9f8e7d6c5b4a39281706f5e4 to it"),
  secret("an authorization header", "[secret]", "abc def", "Authorization: Custom abc def"),
  secret("a cookie header", "[secret]", "sid=abcdef; theme=dark", "Cookie: sid=abcdef; theme=dark"),
  secret("an AWS key id", "[api-key]", join("AK", "IA", "Z7KQ3RT5XW2M4B6N")),
  secret("a GitHub token", "[api-key]", join("gh", "p_", random, "8147")),
  secret("a GitLab token", "[api-key]", join("gl", "pat-", random.slice(0, 20))),
  secret("a Slack token", "[api-key]", join("xo", "xb-", "123456789012-1234567890123-", random.slice(0, 24))),
  secret(
    "a Slack hook",
    "[api-key]",
    join("T00000000/B00000000/", random.slice(0, 24)),
    join("https://hooks.slack.com/services/T00000000/B00000000/", random.slice(0, 24))
  ),
  secret("a Stripe key", "[api-key]", join("sk", "_live_", random.slice(0, 24))),
  secret("an OpenAI key", "[api-key]", join("sk", "-proj-", random)),
  secret("a Google key", "[api-key]", join("AI", "za", random, "abc")),
  secret("an npm token", "[api-key]", join("np", "m_", random, "8147")),
  secret("a SendGrid key", "[api-key]", join("S", "G.", random.slice(0, 22), ".", random, random.slice(0, 11))),
  secret("a Telegram token", "[api-key]", join("110201543", ":AA", random, "x")),
  secret(
    "a private key",
    "[private-key]",
    join("-----BEGIN ", "EC PRIVATE KEY-----\nMHcCAQEEIIr\n-----END EC PRIVATE KEY-----")
  ),
  secret("the password of a URL", "[credentials]", "admin:hunter2pw", "postgres://admin:hunter2pw@db.example.com/app"),
  secret("a token in a query", "[secret]", "8c2f1d9e0b7a", "https://api.example.com/v1?page=2&token=8c2f1d9e0b7a&x=1"),
  secret("a key in a query", "[secret]", "8c2f1d9e0b7a", "https://api.example.com/v1?key=8c2f1d9e0b7a"),
  secret("a password in a command", "[secret]", "hunter2", "ax login --password hunter2 --verbose"),
  secret("a user and password in a command", "[secret]", "jane:hunter2", "curl -u jane:hunter2 https://example.com"),
  secret("a password in JSON", "[secret]", "Tr0ub4dor", "{\"password\":\"Tr0ub4dor\"}"),
  secret("a password in YAML", "[secret]", "Tr0ub4dor", "db_password: Tr0ub4dor"),
  secret("a password in XML", "[secret]", "Tr0ub4dor", "<password>Tr0ub4dor</password>"),
  secret("an environment variable", "[secret]", "Tr0ub4dor", "AWS_SECRET_ACCESS_KEY=Tr0ub4dor"),
  secret("a password behind the mark of a text", "[secret]", "Tr0ub4dor", "{'password': u'Tr0ub4dor'}"),
  secret("the password of an account", "[secret]", "Tr0ub4dor", "db_pass = 'Tr0ub4dor'"),
  secret("a password in a sentence", "[secret]", "Tr0ub4dor", "your password is Tr0ub4dor now"),
  secret("a token in a sentence", "[secret]", "9f8e7d6c5b4a3928", "used token 9f8e7d6c5b4a3928 twice"),
  secret("a signature in a query", "[secret]", "8c2f1d9e0b7a", "https://b.example.com/x?X-Amz-Signature=8c2f1d9e0b7a"),
  secret("a name in two words", "[secret]", "Tr0ub4dor", "the api key: Tr0ub4dor"),
  secret("a home directory", "[user]", "janedoe", "/home/janedoe/src/app.ts"),
  secret("a home directory on macOS", "[user]", "jane.doe", "file:///Users/jane.doe/src/app.ts"),
  secret("a home directory on Windows", "[user]", "Jane Doe", "\"C:\\Users\\Jane Doe\\app.log\""),
  secret("a home directory in a JSON string", "[user]", "janedoe", "C:\\\\Users\\\\janedoe\\\\app.log"),
  secret("an encoded home directory", "[user]", "janedoe", "vscode://file%2FUsers%2Fjanedoe%2Fx"),
  secret("a home directory written as a name", "[user]", "janedoe", "projects/-Users-janedoe-src-app-x"),
  secret("the mail of a user", "[user]", "janedoe", "cannot open /var/mail/janedoe"),
  secret("a medium of a user", "[user]", "janedoe", "/run/media/janedoe/usb/x"),
  secret("a home directory by its tilde", "[user]", "janedoe", "cp ~janedoe/x /tmp"),
  secret(
    "a host that could not be found",
    "[host]",
    "db.corp.example.com",
    "getaddrinfo ENOTFOUND db.corp.example.com"
  ),
  secret("a machine on a local network", "[host]", "Janes-MacBook-Pro.local"),
  secret("a Windows machine", "[host]", "DESKTOP-4F7K2QX"),
  secret("a key of our collector", "[api-key]", join("et", "i_", random)),
  secret(
    "a session cookie in a path",
    "[secret]",
    "1A530637289A03B07199A44E8D531427",
    "/cart;jsessionid=1A530637289A03B07199A44E8D531427"
  )
]

export const lookalikes: ReadonlyArray<string> = [
  "2.1.14",
  "1.0.0-alpha+exp.sha.5114f85",
  "v20.20.2",
  "018f3b2c-7d4e-7a01-9c3f-2b6d8e1f4a5c",
  "12345678-1234-1234-1234-123456789012",
  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "2026-11-20T22:31:18.103Z",
  "2026-11-20 22:31:18+0100",
  "1699390800685",
  "1699390800",
  "12:34:56.789",
  "0.30000000000000004",
  "3.141592653589793",
  "src/home/index.ts:10:5",
  "https://example.com/home/settings?page=2",
  "node_modules/effect/src/Effect.ts:123:45",
  "at Module._compile (node:internal/modules/cjs/loader:1358:14)",
  "render@bundle.min.js:1:2345",
  "@effect/platform@0.97.2",
  "lodash@4.17.21",
  "git@github.com:example/project.git",
  "https://github.com/example/project#readme",
  "TypeError: Cannot read properties of undefined (reading 'length')",
  "ENOENT: no such file or directory, open 'config.json'",
  "x[::1]",
  "double[:, ::1]",
  "map :: (a -> b)",
  "Unexpected token u in JSON at position 0",
  "the token is missing, expected 3",
  "test_pass = 12",
  "~/src/app.ts",
  "https://example.com/media/images/x.png",
  "flags = ~mask & 0xff",
  "std::vector<int>::iterator",
  "a::b::c",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
  "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ==",
  "const keyboard = \"qwerty\"",
  "primaryKey = \"id\"",
  "tokenCount: 512",
  "max_tokens=4096",
  "token: string",
  "password: undefined",
  "password=${PASSWORD}",
  "basic authentication failed",
  "bearer of bad news",
  "pass: 12, fail: 0",
  "calculateTotal(items, 0.19)",
  "SELECT id FROM users WHERE id = 12345",
  "linux-x64",
  "en-US",
  "#ff00aa",
  "+1,234 lines",
  "10000000000 rows",
  "/Users/Shared/tool",
  "x[1:2, 3:4]",
  "1234.5678.9012.3456"
]
