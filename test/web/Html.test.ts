import { describe, expect, it } from "@effect/vitest"
import { empty, escape, type Html, html, isHtml, raw } from "../../src/web/Html.js"
import { decode, hostile, shape } from "./hostile.js"

const places: Readonly<Record<string, (text: string) => Html>> = {
  "between tags": (text) => html`<p>${text}</p>`,
  "in double quotes": (text) => html`<p title="a ${text} b">x</p>`,
  "in single quotes": (text) => html`<p title='a ${text} b'>x</p>`,
  "without quotes": (text) => html`<p title=${text}>x</p>`,
  "without quotes, before another attribute": (text) => html`<p title=${text} id="a">x</p>`,
  "after another value": (text) => html`<p id="a" title="${text}" lang=${text}>x</p>`,
  "as the name of an attribute": (text) => html`<option value="a" ${text}>x</option>`,
  "in an address": (text) => html`<a href="${text}">x</a>`,
  "in a part of an address": (text) => html`<a href="queue?x=${text}">x</a>`,
  "in an address without quotes": (text) => html`<form action=${text}></form>`,
  "in an event handler": (text) => html`<p onclick="${text}">x</p>`,
  "in a style": (text) => html`<p style="${text}">x</p>`,
  "in a list of markup": (text) => html`<ul>${[text, text].map((one) => html`<li>${one}</li>`)}</ul>`,
  "as markup inside a value": (text) => html`<p title="${html`<b>${text}</b>`}">x</p>`
}

describe("a template", () => {
  it.prop("never becomes other tags by what is put into it", [hostile], ([text]) => {
    for (const [place, make] of Object.entries(places)) {
      const bare = (markup: string) => shape(markup).map((tag) => tag.replace(/ [a-z-]*>$/, ">"))
      expect([place, bare(make(text).markup)]).toEqual([place, bare(make("x").markup)])
    }
  })

  it.prop("shows text as it is, but for what cannot be seen", [hostile], ([text]) => {
    const inner = html`<p>${text}</p>`.markup.slice(3, -4)
    expect(inner).not.toMatch(/[<>"'`]/)
    const visible = text.replace(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
      (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0")
    )
    expect(decode(inner)).toBe(visible)
  })

  it.prop("puts only addresses of our own into an address", [hostile], ([text]) => {
    for (const markup of [html`<a href="${text}">`.markup, html`<a href="/${text}">`.markup]) {
      const target = decode(/href="([^"]*)"/.exec(markup)?.[1] ?? "?")
      expect(new URL(target, "http://127.0.0.1:1/a/").origin).toBe("http://127.0.0.1:1")
    }
  })

  it("keeps links to pages as they are", () => {
    for (const href of ["./", "queue", "errors?days=7", "./?done=off&n=1", "#main", ""]) {
      expect(decode(html`<a href=${href}></a>`.markup)).toBe(`<a href="${href}"></a>`)
    }
  })

  it("takes an attribute that is there or not only by a plain name", () => {
    const option = (name: string) => html`<option value=${"a"} ${name}>`.markup
    expect(option("selected")).toBe("<option value=\"a\" selected>")
    expect([option("onclick"), option("a=b"), option("x y")]).toEqual(Array(3).fill("<option value=\"a\" >"))
  })

  it("puts nothing into scripts, styles and handlers", () => {
    expect(html`<script>let a = ${"1"}</script><style>${"p{}"}</style><p>${"after"}</p>`.markup)
      .toBe("<script>let a = </script><style></style><p>after</p>")
    expect(html`<p onclick="${"go()"}" style=${"color:red"}></p>`.markup).toBe("<p onclick=\"\" style=\"\"></p>")
  })

  it("joins lists and leaves out what is not there", () => {
    expect(html`${[1, null, [false, html`<b>2</b>`]]}${undefined}`.markup).toBe("1<b>2</b>")
    expect(empty.markup).toBe("")
  })

  it("takes nothing for markup that only looks like it", () => {
    const stored: unknown = JSON.parse("{\"markup\":\"<script>\"}")
    expect(isHtml(stored)).toBe(false)
    expect(isHtml(raw("<br>"))).toBe(true)
    expect(html`${raw("<br>")}`.markup).toBe("<br>")
  })

  it("shows characters that hide others", () => {
    expect(escape("a\u202eb\u0000\tc")).toBe("a\\u202eb\\u0000\tc")
  })
})
