import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { Host, type Service as HostService, type Services } from "../../../src/cli/Host.js"
import * as App from "../../../src/cli/view/App.js"
import { ConsentGate } from "../../../src/consent/ConsentGate.js"
import * as EventCatalog from "../../../src/domain/EventCatalog.js"
import * as Ids from "../../../src/domain/Ids.js"
import * as Rollup from "../../../src/domain/Rollup.js"
import * as TelemetryEvent from "../../../src/domain/TelemetryEvent.js"
import { EventStore } from "../../../src/persistence/EventStore.js"
import * as Settings from "../../../src/persistence/Settings.js"
import { Telemetry } from "../../../src/Telemetry.js"
import * as TelemetryTest from "../../../src/testing/TelemetryTest.js"

export const secrets = { token: "the-token", form: "the-form-secret" }

export const port = 4321

export const authority = `127.0.0.1:${port}`

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

export interface World {
  /** A request as a browser makes it: the path behind the token. */
  readonly get: (path: string) => Effect.Effect<Answer>
  /** A form of the panel, with its secret unless it is given. */
  readonly post: (path: string, fields?: Readonly<Record<string, string>>) => Effect.Effect<Answer>
  readonly request: (path: string, init?: RequestInit) => Effect.Effect<Answer>
  readonly use: <A, E>(effect: Effect.Effect<A, E, Services | Ids.Ids>) => Effect.Effect<A>
  /** How often telemetry was opened. */
  readonly opened: () => number
}

/** The pipeline in memory behind the panel. */
export const make = (options: TelemetryTest.Options): Effect.Effect<World, never, Scope.Scope> =>
  Effect.gen(function*() {
    const context = yield* Effect.orDie(
      Layer.build(Layer.merge(TelemetryTest.layerWith(options), Settings.layerMemory()))
    )
    let opened = 0
    const layer: HostService["layer"] = () => {
      opened++
      return Layer.succeedContext(context)
    }
    const use: World["use"] = (effect) => Effect.orDie(Effect.provide(effect, context))
    const host = Host.of({
      app: { name: "ax", version: "2.0.0" },
      invocation: "ax telemetry",
      events: undefined,
      layer,
      status: () => use(Effect.flatMap(Telemetry, (telemetry) => telemetry.status))
    })
    const app = App.make({ flags: { json: false, dataDir: undefined }, secrets, port })
    const request: World["request"] = (path, init = {}) =>
      Effect.gen(function*() {
        const headers = new Headers(init.headers)
        if (!headers.has("host")) headers.set("host", authority)
        const response = yield* app.pipe(
          Effect.provideService(
            HttpServerRequest.HttpServerRequest,
            HttpServerRequest.fromWeb(new Request(`http://${authority}${path}`, { ...init, headers }))
          ),
          Effect.provideService(Host, host)
        )
        const web = HttpServerResponse.toWeb(response)
        return { status: web.status, headers: web.headers, body: yield* Effect.promise(() => web.text()) }
      })
    return {
      request,
      get: (path) => request(`/${secrets.token}/${path}`),
      post: (path, fields = {}) =>
        request(`/${secrets.token}/${path}`, {
          method: "POST",
          headers: {
            "content-type": "application/x-www-form-urlencoded",
            origin: `http://${authority}`,
            "sec-fetch-site": "same-origin"
          },
          body: new URLSearchParams({ secret: secrets.form, ...fields }).toString()
        }),
      use,
      opened: () => opened
    }
  })

/** Stores an event as it stands, past redaction: what a store may hold after all. */
export const store = (type: string, data: unknown, options: { readonly session?: string; readonly at?: number } = {}) =>
  Effect.gen(function*() {
    const events = yield* EventStore
    const ids = yield* Ids.Ids
    const gate = yield* ConsentGate
    const at = options.at ?? (yield* Clock.currentTimeMillis)
    const epoch = gate.unsafeCurrent().epoch?.id ?? ids.uuid4()
    const event = TelemetryEvent.unsafeRedacted({
      id: ids.uuid7(at),
      type,
      time: at,
      data: JSON.stringify(data),
      rate: 1,
      suppressed: 0,
      context: {
        sessionId: options.session ?? ids.uuid4(),
        installationId: null,
        app: { name: "ax", version: "<b>1</b>" },
        epoch,
        level: "full",
        remote: true
      }
    })
    yield* events.append({
      events: [event],
      rollups: Rollup.folder((type) => EventCatalog.builtIn.find((one) => one.type === type))([event]),
      destinations: ["default"],
      counts: { offered: 1 },
      queueLimit: 10_000
    })
  })
