/**
 * Ids as OpenTelemetry has them: 32 hexadecimal digits for a trace, 16 for a span, not all zero.
 *
 * @since 0.1.0
 */

const isId = (text: string | undefined, length: number): text is string =>
  text !== undefined && text.length === length && /^[0-9a-f]+$/.test(text) && !/^0+$/.test(text)

/**
 * The id as a backend takes it; null for an id of another kind.
 *
 * @since 0.1.0
 * @category conversions
 */
export const traceId = (text: string | undefined): string | null => {
  const id = text?.toLowerCase()
  return isId(id, 32) ? id : null
}

/**
 * @since 0.1.0
 * @category conversions
 */
export const spanId = (text: string | undefined): string | null => {
  const id = text?.toLowerCase()
  return isId(id, 16) ? id : null
}

/**
 * The two of a log record, those that can be carried.
 *
 * @since 0.1.0
 * @category conversions
 */
export const of = (
  ids: { readonly traceId?: string | undefined; readonly spanId?: string | undefined }
): { readonly traceId?: string; readonly spanId?: string } => {
  const trace = traceId(ids.traceId)
  const span = spanId(ids.spanId)
  return { ...(trace === null ? {} : { traceId: trace }), ...(span === null || trace === null ? {} : { spanId: span }) }
}
