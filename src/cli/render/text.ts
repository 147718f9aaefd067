/**
 * Text that came from a store, made safe to show: nothing in it can move the cursor, change colours or reorder a line.
 *
 * @since 0.1.0
 */

/** CSI, OSC, the other string sequences, and two-byte escapes. */
const escapes = new RegExp(
  [
    "\\u001b\\[[0-?]*[ -/]*[@-~]",
    "\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)?",
    "\\u001b[PX^_][^\\u001b]*(?:\\u001b\\\\)?",
    "\\u001b[@-Z\\\\-_]"
  ].join("|"),
  "g"
)

const invisible = "\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff"

const controls = new RegExp(`[\\u0000-\\u001f\\u007f-\\u009f${invisible}]+`, "g")

const unsafeInJson = new RegExp(`[\\u007f-\\u009f${invisible}]`, "g")

/**
 * Without escape sequences; control, bidirectional and invisible characters become one space. One line.
 *
 * @since 0.1.0
 * @category formatting
 */
export const clean = (text: string): string => text.replace(escapes, "").replace(controls, " ").trim()

/**
 * JSON in which every such character is written as an escape: the same document, safe on a terminal.
 *
 * @since 0.1.0
 * @category formatting
 */
export const json = (value: unknown): string =>
  JSON.stringify(value).replace(unsafeInJson, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"))

/**
 * `2026-11-21 01:20:33Z`, or a dash.
 *
 * @since 0.1.0
 * @category formatting
 */
export const time = (millis: number | null): string =>
  millis === null || !Number.isFinite(millis) || Math.abs(millis) > 8.64e15
    ? "-"
    : new Date(millis).toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z")

/**
 * Bytes with a unit: `512 B`, `1.5 KB`.
 *
 * @since 0.1.0
 * @category formatting
 */
export const bytes = (n: number): string => {
  const units = ["B", "KB", "MB", "GB", "TB"]
  let value = n
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/**
 * A count with its noun: `1 event`, `2 events`.
 *
 * @since 0.1.0
 * @category formatting
 */
export const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`
