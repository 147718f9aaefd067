/** Pages of the dashboard as who is signed in gets them. */
import * as Effect from "effect/Effect"
import { type Client, start, tempDir } from "../support.js"

export const open = Effect.flatMap(tempDir, (dir) => start(`sqlite:${dir}/collector.db`))

export const signIn = (client: Client, key: string, headers: Record<string, string> = {}, to?: string) =>
  client.request("/sign-in", {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams({ key, ...(to === undefined ? {} : { to }) }).toString()
  })

const cookieOf = (answer: { readonly headers: Headers }): string =>
  (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? ""

export const signedIn = (client: Client, key = client.keys.read) => Effect.map(signIn(client, key), cookieOf)

export const page = (client: Client, path: string, cookie: string) =>
  client.request(path, { headers: { cookie }, redirect: "manual" })
