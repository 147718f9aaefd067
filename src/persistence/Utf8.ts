/**
 * Sizes of texts as they are stored and sent.
 *
 * @since 0.1.0
 */

/**
 * Bytes of a text in UTF-8, where it has no half pairs: JSON has none.
 *
 * @since 0.1.0
 * @category getters
 */
export const utf8Length = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // Two halves of a pair make four bytes, two of them counted as length.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1
  }
  return bytes
}
