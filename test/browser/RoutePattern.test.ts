import { assert, describe, it } from "@effect/vitest"
import * as RoutePattern from "../../src/browser/RoutePattern.js"

describe("the pattern of a route", () => {
  it.each([
    ["/", "/"],
    ["/orders/4711/items?q=me#top", "/orders/:id/items"],
    ["/users/jo@example.com", "/users/:id"],
    ["/u/0197f3c2-0000-7000-8000-000000000000/edit", "/u/:id/edit"],
    ["/search/caf%C3%A9", "/search/:id"],
    ["/a/averylongwordthatcouldbeasecret", "/a/:id"]
  ])("of %s is %s", (path, pattern) => assert.strictEqual(RoutePattern.make(path), pattern))
})
