/** What is published is measured, so build first: only there a bundler is told which calls it may leave out. */
const dist = (...names) => names.map((name) => `dist/${name}.js`)

/** What comes when telemetry is opened; a bundler that splits makes files of it. */
const later = ["./slices/*", "*/Opened.js", "*/Composed.js"]

/** In the files of a bundler that splits. */
const split = (config) => ({ ...config, splitting: true, format: "esm", target: "es2022" })

/** With Effect and everything else that is imported. */
const alone = (config) => ({ ...split(config), external: [] })

const browser = { path: dist("browser/index"), gzip: true }

export default [
  { name: "beacon", path: dist("beacon/index"), limit: "4 kB", gzip: true },
  {
    name: "beacon with vitals",
    path: dist("beacon/index", "beacon/Vitals"),
    limit: "7.5 kB",
    gzip: true
  },
  {
    name: "beacon with vitals and errors",
    path: dist("beacon/index", "beacon/Vitals", "beacon/Errors"),
    limit: "11.5 kB",
    gzip: true
  },
  { ...browser, name: "page without Effect, at once", import: "{ create }", ignore: later, limit: "1.1 kB" },
  { ...browser, name: "page without Effect, whole", import: "{ create }", modifyEsbuildConfig: alone, limit: "152.2 kB" },
  {
    ...browser,
    name: "added to a page with Effect and Schema, at once (goal 8 kB)",
    import: "{ BrowserTelemetryLive }",
    ignore: later,
    limit: "2.4 kB"
  },
  {
    ...browser,
    name: "added to a page with Effect and Schema, whole",
    import: "{ BrowserTelemetryLive }",
    modifyEsbuildConfig: split,
    limit: "82 kB"
  },
  { name: "panel of the page", path: dist("browser/Panel"), limit: "2.1 kB", gzip: true }
]
