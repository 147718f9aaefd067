import * as fc from "effect/FastCheck"

const word = fc.stringMatching(/^[a-z]{2,9}$/)
const line = fc.integer({ min: 1, max: 9999 })
const hex = (min: number, max = min) => fc.stringMatching(new RegExp(`^[0-9a-f]{${min},${max}}$`))

/** What a text arrives in: documents, stacks, addresses, logs, headers. Each is given the text as it would stand in it. */
export const carrier: fc.Arbitrary<(text: string) => string> = fc.oneof(
  fc.tuple(word, line).map(([a, n]) => (s: string) => JSON.stringify({ [a]: n, note: s, list: [s, n] })),
  fc.tuple(word, line).map(([a, n]) => (s: string) =>
    JSON.stringify(JSON.stringify({ [a]: { note: `${a} ${s}` }, n }))
  ),
  fc.tuple(word, word, line).map(([a, b, n]) => (s: string) =>
    `TypeError: cannot read ${s} of undefined\n    at ${a} (src/${b}.ts:${n}:7)\n    at async ${b} (node:internal/x:${n}:1)`
  ),
  fc.tuple(word, line).map(([a, n]) => (s: string) =>
    `https://${a}.example.com:8443/v1/${a}?page=${n}&note=${encodeURI(s)}&x=1`
  ),
  fc.tuple(word, line).map(([a, n]) => (s: string) => `2026-11-20T22:31:18.103Z INFO [${a}] ${s} took ${n}ms`),
  fc.tuple(word, line).map(([a, n]) => (s: string) => `level=warn msg="${s}" module=${a} line=${n}`),
  word.map((a) => (s: string) => `HTTP/1.1 400 Bad Request\r\nx-${a}: ${s}\r\ncontent-length: 12\r\n\r\n`),
  fc.tuple(word, word).map(([a, b]) => (s: string) => `- ${a}:\n    ${b}: ${s}\n`),
  fc.tuple(word, word).map(([a, b]) => (s: string) => `<${a}><${b}>${s}</${b}></${a}>`),
  fc.tuple(word, word).map(([a, b]) => (s: string) => `${a},${s},${b}`),
  fc.tuple(word, word).map(([a, b]) => (s: string) => `${a} ${b}: «${s}» — ${b}, ${a}`)
)

const version = fc.tuple(line, line, line).map(([a, b, c]) => `${a % 30}.${b % 90}.${c % 90}`)
const identifier = fc.stringMatching(/^[a-z]{2,8}(?:[A-Z][a-z]{2,8}){1,3}$/)
const time = fc.integer({ min: 1_500_000_000_000, max: 1_999_999_999_999 })

/** What developers need to read, made up anew each time. */
export const lookalike: fc.Arbitrary<string> = fc.oneof(
  fc.uuid(),
  version,
  version.map((v) => `v${v}-rc.1`),
  fc.tuple(word, version).map(([name, v]) => `@${name}/${name}@${v}`),
  hex(40),
  hex(64),
  hex(7, 10).map((sha) => `${sha}a`),
  time.map((n) => String(n)),
  time.map((n) => new Date(n).toISOString()),
  identifier,
  identifier.map((name) => `this.${name}.push(${name})`),
  fc.tuple(identifier, line).map(([name, n]) => `${name}[${n}] = ${n / 8}`),
  fc.tuple(word, word, line).map(([a, b, n]) => `src/${a}/${b}.ts:${n}:12`),
  fc.tuple(word, line).map(([a, n]) => `https://${a}.example.com/${a}?page=${n}`),
  fc.tuple(word, word).map(([a, b]) => `${a}::${b}<T>`),
  line.map((n) => `${n} of ${n * 3} done (${n % 100}%)`),
  hex(6).map((c) => `#${c}`),
  fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((n) => n.toFixed(6)),
  word.map((w) => `SELECT id FROM ${w} WHERE id = ?`)
)
