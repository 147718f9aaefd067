/**
 * Sizes of texts as they are stored and sent.
 *
 * @since 0.1.0
 */

/**
 * Bytes of a text in UTF-8.
 *
 * @since 0.1.0
 * @category getters
 */
export const utf8Length = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c < 0x80) continue
    if (c < 0x800) bytes += 1
    else if (c >= 0xd800 && c <= 0xdbff && i + 1 < text.length) {
      bytes += 2
      i++
    } else bytes += 2
  }
  return bytes
}
