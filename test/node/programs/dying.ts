// Dies in the way it is asked to, with telemetry that looks on or without. What it prints and how it ends must be the same.
const [way = "", dataDir = ""] = process.argv.slice(2)

const thrown = (): never => {
  throw new RangeError("mail to ann@example.com failed")
}

const ways: Record<string, () => void> = {
  "throws": () => void setImmediate(thrown),
  "throws no error": () =>
    void setImmediate(() => {
      throw { _tag: "Oops", message: "no error at all" }
    }),
  "rejects": () => void Promise.reject(new TypeError("rejected")),
  "throws with a listener of its own": () => {
    process.on("uncaughtException", (error) => {
      process.stdout.write(`caught ${error.message}\n`)
      process.exitCode = 7
    })
    setImmediate(thrown)
  },
  "rejects with a listener of its own": () => {
    process.on("unhandledRejection", () => process.stdout.write("handled\n"))
    void Promise.reject(new TypeError("rejected"))
  },
  // No exit hook can make up for what is not on disk when this listener is called.
  "throws and is killed by a listener of its own": () => {
    process.on("uncaughtException", () => process.kill(process.pid, "SIGKILL"))
    setImmediate(thrown)
  },
  "throws under the façade": () => void setImmediate(thrown),
  "ends": () => process.stdout.write("done\n"),
  "repeats an error and ends": () => {}
}

const errors = way === "repeats an error and ends" ? 3 : 0
const ready = dataDir === ""
  ? Promise.resolve()
  : import("./lookingOn.js").then(({ lookOn, lookOnByFacade }) =>
    way === "throws under the façade" ? lookOnByFacade(dataDir) : lookOn(dataDir, errors)
  )
void ready.then(() => ways[way]?.())
