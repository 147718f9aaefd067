/** What comes when telemetry is opened; a bundler that splits makes files of it. */
const later = ["./slices/*", "*/Opened.js", "*/Composed.js"]

/** In the files of a bundler that splits. */
const split = (config) => ({ ...config, splitting: true, format: "esm", target: "es2022" })

/** With Effect and everything else that is imported. */
const alone = (config) => ({ ...split(config), external: [] })

const browser = { path: "src/browser/index.ts", gzip: true }

export default [
  { name: "beacon", path: "src/beacon/index.ts", limit: "4 kB", gzip: true },
  {
    name: "beacon with vitals",
    path: ["src/beacon/index.ts", "src/beacon/Vitals.ts"],
    limit: "7.5 kB",
    gzip: true
  },
  {
    name: "beacon with vitals and errors",
    path: ["src/beacon/index.ts", "src/beacon/Vitals.ts", "src/beacon/Errors.ts"],
    limit: "11.5 kB",
    gzip: true
  },
  { ...browser, name: "page without Effect, at once", import: "{ create }", ignore: later, limit: "1.1 kB" },
  { ...browser, name: "page without Effect, whole", import: "{ create }", modifyEsbuildConfig: alone, limit: "169 kB" },
  {
    ...browser,
    name: "added to a page with Effect and Schema, at once (goal 8 kB)",
    import: "{ BrowserTelemetryLive }",
    ignore: later,
    limit: "2.6 kB"
  },
  {
    ...browser,
    name: "added to a page with Effect and Schema, whole",
    import: "{ BrowserTelemetryLive }",
    modifyEsbuildConfig: split,
    limit: "82 kB"
  },
  { name: "panel of the page", path: "src/browser/Panel.ts", limit: "2.1 kB", gzip: true }
]
