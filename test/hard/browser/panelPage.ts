/** The page under test, with the panel for those who build it. */
import { create } from "../../../src/browser/index.js"
import * as Panel from "../../../src/browser/Panel.js"

const { endpoint = "", key = "" } = document.documentElement.dataset

create({
  app: { name: "shop", version: "1.0.0" },
  endpoint,
  apiKey: key,
  interval: 500,
  automatic: false,
  retry: { baseDelay: 200, maxDelay: 1_000 }
}).then((client) => {
  window.telemetry = client
  Panel.mount(client, { everyMillis: 100 })
  document.documentElement.dataset["ready"] = ""
})
