/**
 * CSV after RFC 4180, safe to open in a spreadsheet.
 *
 * @since 0.1.0
 */

/**
 * One field. What a spreadsheet would take for a formula gets an apostrophe in front, also where it begins with a wide form
 * of one of its signs.
 *
 * @since 0.1.0
 * @category formatting
 */
export const field = (value: string): string => {
  const safe = /^[=+\-@\t\n\r\uff1d\uff0b\uff0d\uff20]/.test(value) ? "'" + value : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll("\"", "\"\"")}"` : safe
}

/**
 * One line, without its end.
 *
 * @since 0.1.0
 * @category formatting
 */
export const line = (values: ReadonlyArray<string>): string => values.map(field).join(",")
