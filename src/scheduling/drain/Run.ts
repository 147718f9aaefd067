/**
 * What one drain of one destination is asked to do, and what it has done so far.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type { Effective } from "../../domain/Consent.js"
import type { DestinationState } from "../../domain/Destination.js"
import type { StoreError } from "../../persistence/StoreError.js"
import type { ClaimedBatch, StatsDelta } from "../../persistence/SubmissionQueue.js"
import * as Policy from "../../Policy.js"
import type { Service as Transport } from "../../submission/Transport.js"
import type { TelemetryConfig } from "../../TelemetryConfig.js"
import type { Guard } from "../Guard.js"

/** @internal */
export interface Target {
  readonly id: string
  readonly transport: Transport
}

/** @internal */
export interface Options {
  readonly person: boolean
  readonly maxRequests: number
  /** No new request once this is true. */
  readonly stop: () => boolean
  readonly guard: Guard
  /** Brings what waits in line with the consent that holds. */
  readonly align: (effective: Effective) => Effect.Effect<void, StoreError>
  readonly isAligned: (effective: Effective) => boolean
  readonly onSettled: (destination: string, stats: StatsDelta) => void
}

/** @internal */
export interface Run {
  readonly target: Target
  readonly options: Options
  submitted: number
  rejected: number
  /** Events that were tried and still wait, by `seq`. */
  readonly failed: Set<number>
  lastError: string | null
  requests: number
  /** Another process has the right to submit. */
  held: boolean
  /** The endpoint took something in this drain. */
  accepted: boolean
  /** 500s since it last did. */
  faultsInRow: number
  /** Until when this process has the right to submit. */
  rightUntil: number
  /** The destination as last seen or written with that right, which nobody else changes meanwhile. */
  state: DestinationState | null
  /** What was claimed as the batch before it was settled. */
  next: Claimed | null
}

/** @internal */
export interface Claimed {
  readonly batch: ClaimedBatch
  /** A batch made by this claim, not one that was there before. */
  readonly isNew: boolean
}

/** @internal */
export const make = (target: Target, options: Options): Run => ({
  target,
  options,
  submitted: 0,
  rejected: 0,
  failed: new Set(),
  lastError: null,
  requests: 0,
  held: false,
  accepted: false,
  faultsInRow: 0,
  rightUntil: -Infinity,
  state: null,
  next: null
})

/**
 * Of each destination, the size of the batch at its head once that was found too large for the tokens at hand, and not to be
 * cut: the next look waits for as many.
 *
 * @internal
 */
export type Needs = Map<string, number>

/** Twice the time-out, and never too short to be renewed in time. @internal */
export const leaseMillis = (config: TelemetryConfig): number =>
  Math.max(2 * Duration.toMillis(config.timeout), Policy.minLeaseMillis)

/** The largest batch: one beyond the burst could never be paid for. @internal */
export const largestBatch = (config: TelemetryConfig): number => Math.max(Math.min(config.batchSize, config.burst), 1)
