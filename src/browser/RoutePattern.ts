/**
 * The shape of an address: which kind of page it is, never whose.
 *
 * @since 0.1.0
 */

/** With a digit, with anything but letters and dashes, or long: it may well name somebody or something. */
const isWord = (segment: string): boolean => /^[a-z][a-z_-]{0,23}$/i.test(segment)

/**
 * `/orders/4711/items?q=me#top` is `/orders/:id/items`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const make = (path: string): string =>
  path.replace(/[?#].*$/s, "").split("/").map((segment) => segment === "" || isWord(segment) ? segment : ":id").join(
    "/"
  )
