/** As much of a page as listeners need: events are dispatched by the test. */
export const installPage = (): { readonly document: EventTarget; readonly remove: () => void } => {
  const page = new EventTarget()
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" })
  const before = {
    addEventListener: Object.getOwnPropertyDescriptor(globalThis, "addEventListener"),
    removeEventListener: Object.getOwnPropertyDescriptor(globalThis, "removeEventListener"),
    dispatchEvent: Object.getOwnPropertyDescriptor(globalThis, "dispatchEvent"),
    document: Object.getOwnPropertyDescriptor(globalThis, "document"),
    ErrorEvent: Object.getOwnPropertyDescriptor(globalThis, "ErrorEvent"),
    PromiseRejectionEvent: Object.getOwnPropertyDescriptor(globalThis, "PromiseRejectionEvent")
  }
  const values: Readonly<Record<keyof typeof before, unknown>> = {
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
    dispatchEvent: page.dispatchEvent.bind(page),
    document,
    ErrorEvent: class extends Event {
      constructor(type: string, init: { readonly message: string; readonly error?: unknown }) {
        super(type)
        Object.assign(this, { error: null, ...init })
      }
    },
    PromiseRejectionEvent: class extends Event {
      constructor(type: string, init: { readonly reason: unknown }) {
        super(type)
        Object.assign(this, init)
      }
    }
  }
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  }
  return {
    document,
    remove: () => {
      for (const [name, descriptor] of Object.entries(before)) {
        if (descriptor === undefined) Reflect.deleteProperty(globalThis, name)
        else Object.defineProperty(globalThis, name, descriptor)
      }
    }
  }
}
