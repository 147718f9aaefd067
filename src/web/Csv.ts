/**
 * Fields of CSV after RFC 4180, safe to open in a spreadsheet.
 *
 * @since 0.1.0
 */

/** What a spreadsheet takes for the beginning of a formula, in the wide forms of Asian scripts too. */
const formula = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/

/**
 * One field. What a spreadsheet would take for a formula gets an apostrophe in front.
 *
 * @since 0.1.0
 * @category formatting
 */
export const field = (value: string): string => {
  const safe = formula.test(value) ? "'" + value : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll("\"", "\"\"")}"` : safe
}
