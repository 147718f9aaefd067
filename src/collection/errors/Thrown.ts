/**
 * What can be told of a value that was thrown, whatever it is: nothing here throws, and no method of it is called.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface Description {
  readonly errorType: string
  readonly message: string
  readonly stack: string
}

const text = (value: object, name: string): string => {
  try {
    const found: unknown = Reflect.get(value, name)
    return typeof found === "string" ? found : ""
  } catch {
    return ""
  }
}

/** The name of the class, where it is one and no minifier has had it. */
const className = (value: object): string => {
  try {
    const found: unknown = Reflect.get(value, "constructor")
    const name = typeof found === "function" ? text(found, "name") : ""
    return name.length > 2 && name !== "Object" ? name : ""
  } catch {
    return ""
  }
}

const typeOf = (value: object): string => {
  const name = text(value, "_tag") || text(value, "name")
  return name === "" || name === "Error" ? className(value) || name || "object" : name
}

const primitive = (value: unknown): string => {
  try {
    return String(value)
  } catch {
    return ""
  }
}

/**
 * The type is the tag of a tagged error, else the name of an error or of its class, else what kind of value it is.
 *
 * @since 0.1.0
 * @category getters
 */
export const describe = (value: unknown): Description =>
  (typeof value === "object" || typeof value === "function") && value !== null
    ? { errorType: typeOf(value), message: text(value, "message"), stack: text(value, "stack") }
    : { errorType: typeof value, message: primitive(value), stack: "" }
