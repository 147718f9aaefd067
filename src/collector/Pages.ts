/**
 * The pages a browser is shown: the totals, and the description of the interface. They load nothing from elsewhere, run one
 * script of our own, and put what clients sent on the page as text only.
 *
 * @since 0.1.0
 */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as OpenApi from "@effect/platform/OpenApi"
import { Api } from "./Api.js"

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #8884}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
input,button,select{font:inherit;padding:.3rem .6rem}
form{display:flex;gap:.5rem;flex-wrap:wrap;align-items:center}
code{font-size:.9em}
`

const script = `"use strict";
const form = document.querySelector("form"), out = document.querySelector("output"), body = document.querySelector("tbody");
const number = (n) => n === undefined ? "" : n.toLocaleString(undefined, { maximumFractionDigits: 1 });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  out.textContent = "Loading";
  body.replaceChildren();
  try {
    const interval = form.elements.interval.value;
    const answer = await fetch("/v1/rollups?interval=" + encodeURIComponent(interval), {
      headers: { "x-api-key": form.elements.key.value }
    });
    const document_ = await answer.json();
    if (!answer.ok) throw new Error(document_.error.message);
    for (const row of document_.rows.reverse()) {
      const line = document.createElement("tr");
      for (const cell of [row.bucket.slice(0, 16), row.eventType]) {
        line.appendChild(document.createElement("td")).textContent = cell;
      }
      for (const cell of [row.count, row.sessions, row.installations, row.p50, row.p95, row.p99]) {
        const field = line.appendChild(document.createElement("td"));
        field.className = "n";
        field.textContent = number(cell);
      }
      body.appendChild(line);
    }
    out.textContent = document_.rows.length === 0 ? "No events yet" : "";
  } catch (error) {
    out.textContent = error.message;
  }
});
`

const home = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Collector</title>
<link rel="stylesheet" href="/page.css"><script src="/page.js" defer></script></head>
<body>
<h1>Collector</h1>
<p>It is running. Events go to <code>POST /v1/events</code> with an ingest key; the interface is described in
<a href="/docs">the documentation</a>.</p>
<form>
<label>Read key <input name="key" type="password" autocomplete="off" required></label>
<label>by <select name="interval"><option>day</option><option>hour</option><option>week</option><option>month</option>
</select></label>
<button>Show totals</button> <output role="status"></output>
</form>
<table>
<thead><tr><th scope="col">From (UTC)</th><th scope="col">Event</th><th scope="col" class="n">Count</th>
<th scope="col" class="n">Sessions</th><th scope="col" class="n">Installations</th><th scope="col" class="n">p50</th>
<th scope="col" class="n">p95</th><th scope="col" class="n">p99</th></tr></thead>
<tbody></tbody>
</table>
</body>
</html>
`

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'"

const respond = (body: string, contentType: string): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(body, { contentType, headers: { "content-security-policy": policy } })

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;")

const docs = (spec: OpenApi.OpenAPISpec): string => {
  const rows = Object.entries(spec.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) =>
      `<tr><td><code>${method.toUpperCase()} ${escape(path)}</code></td><td>${
        escape(operation.description ?? "")
      }</td><td>${Object.keys(operation.responses).join(", ")}</td></tr>`
    )
  )
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Collector: interface</title>
<link rel="stylesheet" href="/page.css"></head>
<body>
<h1>Interface</h1>
<p>The key goes into the header <code>X-API-Key</code>. The same as a machine reads it: <a href="/openapi.json">OpenAPI
document</a>.</p>
<table><thead><tr><th scope="col">Call</th><th scope="col">What it does</th><th scope="col">Answers</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>
</body>
</html>
`
}

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
    ["/", () => respond(home, "text/html; charset=utf-8")],
    ["/page.css", () => respond(style, "text/css; charset=utf-8")],
    ["/page.js", () => respond(script, "text/javascript; charset=utf-8")],
    ["/docs", () => respond(docs(describe()), "text/html; charset=utf-8")],
    ["/openapi.json", () => respond(JSON.stringify(describe()), "application/json")]
  ]
}
