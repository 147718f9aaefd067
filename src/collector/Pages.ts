/**
 * The pages that need no key: the description of the interface, and the style of all.
 *
 * @since 0.1.0
 */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as OpenApi from "@effect/platform/OpenApi"
import { html } from "../web/Html.js"
import * as Page from "../web/Page.js"
import * as Table from "../web/Table.js"
import * as Theme from "../web/Theme.js"
import { Api } from "./Api.js"
import * as Dashboard from "./dashboard/Dashboard.js"
import { json } from "./Respond.js"

const docs = (spec: OpenApi.OpenAPISpec): HttpServerResponse.HttpServerResponse =>
  Dashboard.page(Page.page({
    title: "Interface",
    lead: html`The key goes into the header <code>X-API-Key</code>. The same as a machine reads it:
<a href="/openapi.json">OpenAPI document</a>.`,
    product: "Collector",
    links: [{ href: "/", name: "Dashboard" }, { href: "/docs", name: "Interface" }],
    current: "/docs",
    stylesheet: "/page.css",
    main: Page.panel(Table.table({
      caption: "Calls",
      captionHidden: true,
      columns: [{ name: "Call", kind: "code" }, { name: "What it does", kind: "wide" }, "Answers"],
      rows: Object.entries(spec.paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => [
          `${method.toUpperCase()} ${path}`,
          operation.description ?? "",
          Object.keys(operation.responses).join(", ")
        ])
      ),
      empty: ""
    }))
  }))

/**
 * Path and answer of every page. The description is made when it is first asked for.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (): ReadonlyArray<
  readonly [path: `/${string}`, page: () => HttpServerResponse.HttpServerResponse]
> => {
  let spec: OpenApi.OpenAPISpec | undefined
  const describe = () => spec ??= OpenApi.fromApi(Api)
  return [
    ["/page.css", () => HttpServerResponse.text(Theme.css, { contentType: "text/css; charset=utf-8" })],
    ["/docs", () => docs(describe())],
    ["/openapi.json", () => json(describe())]
  ]
}
