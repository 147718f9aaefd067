/** The program of a page with a beacon. */
import { type Beacon, start } from "../../../src/beacon/index.js"
import { captureVitals } from "../../../src/beacon/Vitals.js"

declare global {
  interface Window {
    beacon?: Beacon<{ readonly visit: { readonly name: "string" } }>
  }
}

const { endpoint = "", key = "" } = document.documentElement.dataset

const beacon = start({
  endpoint,
  key,
  app: { name: "shop", version: "1.0.0" },
  events: { visit: { name: "string" } },
  lingerMillis: 20
})
captureVitals(beacon)
window.beacon = beacon
document.documentElement.dataset["ready"] = ""
