// Repeatable events of some 290 bytes of JSON, each with a marker by which it can be counted whatever the wire format.
const types = ["command_executed", "query_performed", "file_parsed", "error_raised", "metric_sampled", "session_started"]
const languages = ["typescript", "python", "go", "rust", "java"]
const commands = ["index", "search", "memory add", "run", "status", "config set"]

const mix = (x) => {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}
const hex = (x) => mix(x).toString(16).padStart(8, "0")

export const make = (i) => {
  const h = mix(i + 1)
  return {
    id: `mk_${String(i).padStart(7, "0")}-${hex(i ^ 0x55555555)}${hex(i + 0x1234567)}`,
    type: types[h % 6],
    ts: 1_700_000_000_000 + i * 131,
    session: `s-${(h % 97).toString(16).padStart(8, "0")}-5c2e-8a1b`,
    name: commands[(h >>> 4) % 6],
    value: ((h >>> 8) % 4096) / 8,
    props: {
      durationMs: (h >>> 3) % 5000,
      exitCode: (h >>> 5) % 40 === 0 ? 1 : 0,
      resultCount: (h >>> 6) % 200,
      cached: (h & 16) === 16,
      language: languages[(h >>> 7) % 5],
      version: `2.1.${(h >>> 9) % 20}`,
      os: "linux-x64",
      node: "20.20.2"
    }
  }
}
export const many = (n, from = 0) => Array.from({ length: n }, (_, i) => make(from + i))
