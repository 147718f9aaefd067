/** The shop's server, and a collector beside it at an address of its own. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as esbuild from "esbuild"
import * as fs from "node:fs"
import * as path from "node:path"
import { Collector, Keys, serve, type Services } from "../../src/collector/index.js"
import * as Listen from "./Listen.js"

const root = path.resolve(import.meta.dirname, "../..")

const products = [
  { id: "48151623", name: "Teapot, 1.2 l", price: 39 },
  { id: "48151642", name: "Kettle with thermometer", price: 79.9 },
  { id: "90210777", name: "Cup of bone china", price: 14.5 },
  { id: "90210778", name: "Strainer", price: 6.2 },
  { id: "31415926", name: "Sencha, 100 g", price: 11.9 },
  { id: "27182818", name: "Assam, 250 g", price: 13.4 }
]

/** The program of the page, by path: telemetry is loaded when it is opened, and so are files of its own. */
const bundle = async (): Promise<ReadonlyMap<string, string>> => {
  const built = await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, "page.ts")],
    bundle: true,
    splitting: true,
    write: false,
    outdir: "/",
    format: "esm",
    target: "es2022",
    minify: true,
    alias: { "effect-telemetry": path.join(root, "src") }
  })
  return new Map(built.outputFiles.map((file) => [file.path, file.text]))
}

const read = (name: string): string => fs.readFileSync(path.join(import.meta.dirname, name), "utf8")

type Answer = readonly [status: number, type: string, body: string]

const api = ({ pathname, searchParams }: URL): Answer => {
  const id = pathname.split("/")[3]
  if (id === undefined) {
    const query = searchParams.get("q")?.toLowerCase() ?? ""
    const found = products.filter(({ name }) => name.toLowerCase().includes(query))
    return [200, "application/json", JSON.stringify(found)]
  }
  const one = products.find((product) => product.id === id)
  return one === undefined ? [404, "application/json", "{}"] : [200, "application/json", JSON.stringify(one)]
}

export interface Shop {
  readonly url: string
  readonly collector: { readonly url: string; readonly readKey: string }
  readonly context: Context.Context<Services>
}

/** Both are closed with the scope. `database` is the collector's, such as `sqlite:/tmp/shop.db`. */
export const make = (database: string) =>
  Effect.gen(function*() {
    const context = yield* serve({ database, port: 0 })
    const collector = Context.get(context, Collector)
    const keys = Context.get(context, Keys.Keys)
    const scripts = yield* Effect.promise(bundle)
    let page = ""
    const answer = (url: URL): Answer => {
      const script = scripts.get(url.pathname)
      if (script !== undefined) return [200, "text/javascript", script]
      if (url.pathname === "/style.css") return [200, "text/css", read("style.css")]
      return url.pathname.startsWith("/api/") ? api(url) : [200, "text/html", page]
    }
    const policy = `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${collector.url}`
    const url = yield* Listen.listen((request, response) => {
      const [status, type, body] = answer(new URL(request.url ?? "/", "http://shop"))
      response.writeHead(status, { "content-type": type, "content-security-policy": policy }).end(body)
    })
    const { key } = yield* keys.create({ role: "ingest", app: "shop", origins: [url] })
    const { key: readKey } = yield* keys.create({ role: "read" })
    page = read("index.html").replace("{endpoint}", `${collector.url}/v1/events`).replace("{key}", key)
    const shop: Shop = { url, collector: { url: collector.url, readKey }, context }
    return shop
  })
