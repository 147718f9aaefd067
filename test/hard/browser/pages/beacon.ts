import { start } from "../../../../src/beacon/index.js"
import { captureVitals } from "../../../../src/beacon/Vitals.js"

const { dataset } = document.documentElement

const beacon = start({
  endpoint: dataset["endpoint"] ?? "",
  key: dataset["key"] ?? "",
  app: { name: "shop", version: "1.0.0" },
  events: { visit: { number: "number", note: "string?" } },
  lingerMillis: 20
})
captureVitals(beacon)

Object.assign(globalThis, { beacon })
