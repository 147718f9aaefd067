// Ways for a program to end. MODE: exit | throw | fall | close | closing-twice | sigterm
import { feature, open } from "./Open.mjs"

const { MODE, NAME, TOTAL = "50" } = process.env
const telemetry = await open()
if (MODE === "late-exit") await new Promise((resolve) => setTimeout(resolve, 200))
for (let i = 0; i < Number(TOTAL); i++) feature(telemetry, `${NAME}-${i}`)
if (MODE === "exit" || MODE === "late-exit") process.exit(3)
if (MODE === "throw") throw new Error("on purpose")
if (MODE === "close") {
  await telemetry.close()
  await telemetry.close()
}
if (MODE === "submitting") {
  await telemetry.flush()
  void telemetry.submitNow()
  await new Promise((resolve) => setTimeout(resolve, 300))
  await telemetry.close()
}
if (MODE === "sigterm") {
  await telemetry.flush()
  void telemetry.submitNow()
  setInterval(() => {}, 1000)
  process.once("SIGTERM", () => telemetry.close().then(() => process.exit(0)))
}
process.stdout.write("tracked\n")
