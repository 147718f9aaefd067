/**
 * How consent changes: from one record to the next, as pure functions. Whoever stores the record runs them under its lock.
 *
 * @since 0.1.0
 */
import * as CatalogScope from "./CatalogScope.js"
import { type ConsentRecord, type Epoch, standing } from "./Consent.js"
import type { Erasure } from "./Erasure.js"
import type { Level } from "./Level.js"

/**
 * What a change of consent needs from outside: the time, and fresh random values of which it uses what it needs.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fresh {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly newEpochId: string
  readonly newInstallationId: string
  readonly newHashKey: string
}

/**
 * What is granted. What is left out stays as the standing consent has it; without one, or with one for an older policy, the
 * level is basic and nothing is sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Terms {
  readonly policyVersion: number
  readonly level?: Level | undefined
  readonly remote?: boolean | undefined
  /** The origin of the endpoint; recorded with remote consent only. */
  readonly origin: string | null
  /** What the application collects of its own at a level. */
  readonly catalog?: ((level: Level) => CatalogScope.Scope | null) | undefined
  /** Was the notice shown before? */
  readonly noticeShown?: boolean | undefined
}

interface FullTerms {
  readonly policyVersion: number
  readonly level: Level
  readonly remote: boolean
  readonly origin: string | null
  readonly catalog: CatalogScope.Scope | null
  readonly noticeShown: boolean
}

const complete = (record: ConsentRecord | null, terms: Terms): FullTerms => {
  const current = standing(record)
  const base = current !== null && current.policyVersion >= terms.policyVersion ? current : null
  const remote = terms.remote ?? base?.remote ?? false
  const level = terms.level ?? base?.level ?? "basic"
  return {
    policyVersion: terms.policyVersion,
    level,
    remote,
    origin: remote ? terms.origin : null,
    catalog: terms.catalog?.(level) ?? null,
    noticeShown: terms.noticeShown ?? false
  }
}

const sameTerms = (epoch: Epoch, terms: FullTerms): boolean =>
  epoch.policyVersion === terms.policyVersion && epoch.level === terms.level && epoch.remote === terms.remote &&
  epoch.origin === terms.origin && epoch.remoteEndedAt === null && !CatalogScope.isWider(terms.catalog, epoch.catalog)

const endSending = (epochs: ReadonlyArray<Epoch>, now: number): ReadonlyArray<Epoch> =>
  epochs.map((epoch) => epoch.remoteEndedAt === null ? { ...epoch, remoteEndedAt: now } : epoch)

const epochOf = (terms: FullTerms, fresh: Fresh): Epoch => ({
  id: fresh.newEpochId,
  policyVersion: terms.policyVersion,
  level: terms.level,
  remote: terms.remote,
  origin: terms.origin,
  grantedAt: fresh.now,
  remoteEndedAt: null,
  ...(terms.catalog === null ? {} : { catalog: terms.catalog })
})

const open = (record: ConsentRecord | null, terms: FullTerms, fresh: Fresh): ConsentRecord => {
  const current = standing(record)
  if (record !== null && current !== null && sameTerms(current, terms)) return record
  const before = record?.epochs ?? []
  return {
    version: 1,
    state: "granted",
    epochs: [
      ...(terms.remote ? before : endSending(before, fresh.now)),
      epochOf(terms, fresh)
    ],
    optedOutAt: null,
    remoteOptedOutAt: terms.remote ? null : record?.remoteOptedOutAt ?? null,
    installationId: terms.level === "basic" ? null : record?.installationId ?? fresh.newInstallationId,
    hashKey: record?.hashKey ?? fresh.newHashKey,
    noticeShownAt: terms.noticeShown ? fresh.now : record?.noticeShownAt ?? null,
    erasures: record?.erasures ?? []
  }
}

/**
 * The person grants these terms. The same terms again change nothing: the record comes back as it is. A grant without
 * sending ends all earlier epochs for sending; one at a lower level does not, their events are lowered before they leave.
 *
 * @since 0.1.0
 * @category changes
 */
export const grant = (record: ConsentRecord | null, terms: Terms, fresh: Fresh): ConsentRecord => {
  const next = open(record, complete(record, terms), fresh)
  return terms.remote === false && standing(record)?.remote === true ? { ...next, remoteOptedOutAt: fresh.now } : next
}

/**
 * The application grants by itself what it has asked for. A person who opted out keeps to that, and one who opted out of
 * sending keeps to that too.
 *
 * @since 0.1.0
 * @category changes
 */
export const grantByApplication = (record: ConsentRecord | null, terms: Terms, fresh: Fresh): ConsentRecord => {
  if (record?.state === "withdrawn") return record
  const remote = record !== null && record.remoteOptedOutAt !== null ? false : terms.remote
  return open(record, complete(record, { ...terms, remote }), fresh)
}

/**
 * The person opts out: nothing is recorded, and no earlier epoch ever stands for sending again. The installation id and the
 * key of hashed fields are forgotten, so that a later grant cannot be tied to this one.
 *
 * @since 0.1.0
 * @category changes
 */
export const withdraw = (record: ConsentRecord | null, now: number): ConsentRecord => ({
  version: 1,
  state: "withdrawn",
  epochs: endSending(record?.epochs ?? [], now),
  optedOutAt: record?.state === "withdrawn" ? record.optedOutAt ?? now : now,
  remoteOptedOutAt: record?.remoteOptedOutAt ?? now,
  installationId: null,
  hashKey: null,
  noticeShownAt: record?.noticeShownAt ?? null,
  erasures: record?.erasures ?? []
})

/**
 * The person opts out of sending: recording goes on under a new epoch, and no earlier one ever stands for sending again.
 * Without a standing consent there is nothing to go on with, and only the choice is kept.
 *
 * @since 0.1.0
 * @category changes
 */
export const withdrawRemote = (record: ConsentRecord | null, fresh: Fresh): ConsentRecord => {
  const current = standing(record)
  if (record === null || current === null) return withdraw(record, fresh.now)
  return {
    ...open(
      record,
      { ...current, remote: false, origin: null, catalog: current.catalog ?? null, noticeShown: false },
      fresh
    ),
    remoteOptedOutAt: fresh.now
  }
}

/**
 * Everything so far is to be erased at the collector as well. What consent stands goes on under a new epoch with a new
 * installation id, and no earlier one ever stands for sending again: nothing that is recorded from now on belongs to what
 * was erased.
 *
 * @since 0.1.0
 * @category changes
 */
export const erase = (
  record: ConsentRecord,
  erasures: ReadonlyArray<Erasure>,
  fresh: Fresh
): ConsentRecord => {
  const current = standing(record)
  const asked = { ...record, erasures: [...record.erasures, ...erasures] }
  if (current === null) return asked
  return {
    ...asked,
    epochs: [
      ...endSending(record.epochs, fresh.now),
      { ...current, id: fresh.newEpochId, grantedAt: fresh.now, remoteEndedAt: null }
    ],
    installationId: record.installationId === null ? null : fresh.newInstallationId,
    hashKey: fresh.newHashKey
  }
}

/**
 * What has become of one request: gone when it was confirmed, and otherwise as it is given.
 *
 * @since 0.1.0
 * @category changes
 */
export const settleErasure = (record: ConsentRecord, requestId: string, left: Erasure | null): ConsentRecord => ({
  ...record,
  erasures: record.erasures.flatMap((erasure) =>
    erasure.requestId !== requestId ? [erasure] : left === null ? [] : [left]
  )
})
