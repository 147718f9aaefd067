/**
 * OTLP logs as protobuf: the messages of `opentelemetry/proto/logs/v1` and `collector/logs/v1` as far as they are read here,
 * field numbers as that specification has them. A message becomes the value that the same request has as JSON.
 *
 * @since 0.1.0
 */
import * as Protobuf from "@bufbuild/protobuf"
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import * as Wkt from "@bufbuild/protobuf/wkt"
import type * as Problem from "./Problem.js"

const { BOOL, BYTES, DOUBLE, FIXED64, INT32, INT64, MESSAGE, STRING } = Wkt.FieldDescriptorProto_Type

const { OPTIONAL, REPEATED } = Wkt.FieldDescriptorProto_Label

type Kind = Wkt.FieldDescriptorProto_Type | string

interface Field {
  readonly name: string
  readonly number: number
  /** A scalar, or the name of a message. */
  readonly kind: Kind
  readonly isRepeated?: boolean
  /** Of several fields of a message only one is set. */
  readonly isOneOf?: boolean
}

const field = (name: string, number: number, kind: Kind): Field => ({ name, number, kind })

const many = (name: string, number: number, kind: Kind): Field => ({ name, number, kind, isRepeated: true })

const either = (name: string, number: number, kind: Kind): Field => ({ name, number, kind, isOneOf: true })

const messages: Readonly<Record<string, ReadonlyArray<Field>>> = {
  ArrayValue: [many("values", 1, "AnyValue")],
  KeyValue: [field("key", 1, STRING), field("value", 2, "AnyValue")],
  KeyValueList: [many("values", 1, "KeyValue")],
  AnyValue: [
    either("string_value", 1, STRING),
    either("bool_value", 2, BOOL),
    either("int_value", 3, INT64),
    either("double_value", 4, DOUBLE),
    either("array_value", 5, "ArrayValue"),
    either("kvlist_value", 6, "KeyValueList"),
    either("bytes_value", 7, BYTES)
  ],
  Resource: [many("attributes", 1, "KeyValue")],
  LogRecord: [
    field("time_unix_nano", 1, FIXED64),
    field("severity_number", 2, INT32),
    field("severity_text", 3, STRING),
    field("body", 5, "AnyValue"),
    many("attributes", 6, "KeyValue"),
    field("trace_id", 9, BYTES),
    field("span_id", 10, BYTES),
    field("observed_time_unix_nano", 11, FIXED64),
    field("event_name", 12, STRING)
  ],
  ScopeLogs: [many("log_records", 2, "LogRecord")],
  ResourceLogs: [field("resource", 1, "Resource"), many("scope_logs", 2, "ScopeLogs")],
  ExportLogsServiceRequest: [many("resource_logs", 1, "ResourceLogs")],
  ExportLogsPartialSuccess: [field("rejected_log_records", 1, INT64), field("error_message", 2, STRING)],
  ExportLogsServiceResponse: [field("partial_success", 1, "ExportLogsPartialSuccess")],
  Status: [field("code", 1, INT32), field("message", 2, STRING)]
}

const descriptor = ({ isOneOf, isRepeated, kind, name, number }: Field) => ({
  name,
  jsonName: name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  number,
  label: isRepeated === true ? REPEATED : OPTIONAL,
  ...(typeof kind === "string" ? { type: MESSAGE, typeName: `.${kind}` } : { type: kind }),
  ...(isOneOf === true ? { oneofIndex: 0 } : {})
})

const file = Protobuf.create(Wkt.FileDescriptorProtoSchema, {
  name: "logs.proto",
  syntax: "proto3",
  messageType: Object.entries(messages).map(([name, fields]) => ({
    name,
    field: fields.map(descriptor),
    oneofDecl: fields.some(({ isOneOf }) => isOneOf) ? [{ name: "value" }] : []
  }))
})

const registry = Protobuf.createFileRegistry(file, () => undefined)

const message = (name: string): Protobuf.DescMessage => {
  const found = registry.getMessage(name)
  if (found === undefined) throw new Error(`There is no message ${name}`)
  return found
}

const request = message("ExportLogsServiceRequest")

const response = message("ExportLogsServiceResponse")

const status = message("Status")

type Values = { readonly [key: string]: unknown }

/** Of a message, the fields that are messages: by number, the name of theirs. */
const inner: ReadonlyMap<string, ReadonlyMap<number, string>> = new Map(
  Object.entries(messages).map(([name, fields]) => [
    name,
    new Map(fields.flatMap(({ kind, number }) => typeof kind === "string" ? [[number, kind] as const] : []))
  ])
)

/** Messages from where the reader stands to `end`; it stops to count beyond the limit. */
const countIn = (reader: BinaryReader, name: string, end: number, limit: number): number => {
  let count = 0
  while (reader.pos < end && count <= limit) {
    const [number, wire] = reader.tag()
    const of = inner.get(name)?.get(number)
    if (of === undefined || wire !== WireType.LengthDelimited) {
      reader.skip(wire, number)
      continue
    }
    const length = reader.uint32()
    count += 1 + countIn(reader, of, reader.pos + length, limit - count)
  }
  return count
}

/**
 * Would {@link decode} make more than `limit` messages? An empty one takes two bytes here and a hundred times as much there.
 * Bytes too few to hold so many are not looked at, and those that are no request are left to {@link decode}.
 *
 * @since 0.1.0
 * @category predicates
 */
export const holdsMoreMessages = (body: Uint8Array, limit: number): boolean => {
  if (body.length / 2 <= limit) return false
  try {
    return countIn(new BinaryReader(body), "ExportLogsServiceRequest", body.length, limit) > limit
  } catch {
    return false
  }
}

/**
 * The request as OTLP's JSON has it; null: these bytes are none.
 *
 * @since 0.1.0
 * @category conversions
 */
export const decode = (body: Uint8Array): Values | null => {
  try {
    const value = Protobuf.toJson(request, Protobuf.fromBinary(request, body, { readUnknownFields: false }))
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null
  } catch {
    // Whatever is wrong with the bytes, messages nested too deeply for the stack among it.
    return null
  }
}

/**
 * An answer, as it is in JSON, in bytes.
 *
 * @since 0.1.0
 * @category conversions
 */
export const encodeAnswer = (answer: Protobuf.JsonObject): Uint8Array =>
  Protobuf.toBinary(response, Protobuf.fromJson(response, answer))

/** The codes of gRPC that say the same. */
const codes: Readonly<Record<number, number>> = { 401: 16, 403: 7, 429: 8, 503: 14 }

/** INVALID_ARGUMENT */
const otherwise = 3

/**
 * A refusal, as `google.rpc.Status`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const encodeProblem = (problem: Problem.Problem): Uint8Array =>
  Protobuf.toBinary(
    status,
    Protobuf.fromJson(status, { code: codes[problem.status] ?? otherwise, message: problem.message })
  )
