// Tracks the secrets of a file over and over, each beside a marker, until it is killed.
import fs from "node:fs"
import { open } from "./Open.mjs"

const secrets = JSON.parse(fs.readFileSync(process.env.SECRETS, "utf8"))
const telemetry = await open({ worker: false })
for (let round = 0; round < 1000; round++) {
  for (const [n, text] of secrets.entries()) {
    const noted = `zqmarker${n}q ${text}`
    telemetry.trackError("TypeError", noted, noted, { [text]: text, list: [{ note: text }] })
    telemetry.trackQuery("text", text, 1, 2, false)
    telemetry.trackCommand("run", ["--out", text], 1, 0)
    if (n % 5 === 0) await telemetry.flush()
  }
}
