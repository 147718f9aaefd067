/**
 * The shapes that travel between client and collector, as schemas that both sides share. Only shapes: this module stays
 * free of any HTTP library, so that a client pays for none.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const Count = Schema.Int.pipe(Schema.nonNegative())

/**
 * The body of a submission. Events are checked one by one by the collector, so that a bad one never fails the batch.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SubmitRequest = Schema.Struct({
  events: Schema.Array(Schema.Unknown),
  /** The ingest key of a beacon, which can set no header; nobody else sends it. */
  key: Schema.optional(Schema.String)
}).annotations({ identifier: "SubmitRequest" })

/**
 * @since 0.1.0
 * @category models
 */
export type SubmitRequest = typeof SubmitRequest.Type

/**
 * @since 0.1.0
 * @category schemas
 */
export const Rejection = Schema.Struct({
  id: Schema.String,
  reason: Schema.String,
  /** Final unless the endpoint says otherwise. */
  retryable: Schema.optionalWith(Schema.Boolean, { default: () => false })
}).annotations({ identifier: "Rejection" })

/**
 * The answer to a submission. `accepted + rejected` is the size of the batch, and duplicates are among the accepted.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SubmitAnswer = Schema.Struct({
  success: Schema.Boolean,
  accepted: Count,
  rejected: Count,
  duplicates: Schema.optional(Count),
  errors: Schema.optional(Schema.Array(Schema.String)),
  rejections: Schema.optional(Schema.Array(Rejection))
}).annotations({ identifier: "SubmitAnswer" })

/**
 * @since 0.1.0
 * @category models
 */
export type SubmitAnswer = typeof SubmitAnswer.Type

/**
 * @since 0.1.0
 * @category schemas
 */
export const PingAnswer = Schema.Struct({ ok: Schema.Literal(true) }).annotations({ identifier: "PingAnswer" })

/**
 * @since 0.1.0
 * @category schemas
 */
export const ServerInfo = Schema.Struct({
  name: Schema.String,
  version: Schema.String,
  maxBatchEvents: Schema.Int.pipe(Schema.positive()),
  maxBodyBytes: Schema.Int.pipe(Schema.positive()),
  acceptsGzip: Schema.Boolean,
  schemaVersions: Schema.Array(Schema.Int)
}).annotations({ identifier: "ServerInfo" })

/**
 * Asks the collector to erase what came from an installation or from sessions. The same `requestId` again is the same
 * request.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ErasureRequest = Schema.Struct({
  installationId: Schema.optional(Schema.UUID),
  sessionIds: Schema.optional(Schema.Array(Schema.UUID)),
  requestId: Schema.UUID
}).annotations({ identifier: "ErasureRequest" })

/**
 * @since 0.1.0
 * @category models
 */
export type ErasureRequest = typeof ErasureRequest.Type

/**
 * @since 0.1.0
 * @category schemas
 */
export const ErasureAnswer = Schema.Struct({
  requestId: Schema.UUID,
  status: Schema.Literal("accepted")
}).annotations({ identifier: "ErasureAnswer" })

/**
 * @since 0.1.0
 * @category models
 */
export type ErasureAnswer = typeof ErasureAnswer.Type

/**
 * The body of every error.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ErrorBody = Schema.Struct({
  error: Schema.Struct({ code: Schema.String, message: Schema.String })
}).annotations({ identifier: "ErrorBody" })

/**
 * @since 0.1.0
 * @category models
 */
export type ErrorBody = typeof ErrorBody.Type
