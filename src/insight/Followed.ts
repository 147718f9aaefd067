/**
 * What has to be followed from event to event: the sessions that used a feature, how conversations went, what became of
 * suggestions.
 *
 * @since 0.1.0
 */
import { Conversation, FeatureUsed, Suggestion } from "../domain/EventCatalog.js"
import type { RedactedEvent } from "../domain/TelemetryEvent.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Conversations {
  readonly count: number
  readonly completed: number
  /** Completed ones among all, 0 to 1; null without any. */
  readonly completionRate: number | null
  /** Messages a conversation, of those that say so. */
  readonly meanLength: number | null
  /** Characters a message, each message counting the same. */
  readonly meanMessageLength: number | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Suggestions {
  readonly type: string
  readonly shown: number
  readonly accepted: number
  readonly dismissed: number
  /** Accepted among shown, 0 to 1; null where none was shown. */
  readonly acceptanceRate: number | null
  /** Milliseconds from shown to accepted or dismissed. */
  readonly meanTimeToInteract: number | null
}

/**
 * Holds a few words for each session, conversation and kind of suggestion, never the events.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fold {
  readonly add: (event: RedactedEvent) => void
  readonly sessions: () => number
  readonly sessionsOf: (feature: string) => number
  readonly conversations: () => Conversations
  readonly suggestions: () => ReadonlyArray<Suggestions>
}

interface Talk {
  messages: number | null
  messageLength: number | null
  completed: boolean
}

interface Kind {
  readonly counts: Record<"shown" | "accepted" | "dismissed", number>
  time: number
  timed: number
}

type Data = Readonly<Record<string, unknown>>

const numberOf = (value: unknown): number | null => typeof value === "number" ? value : null

const mean = (sum: number, count: number): number | null => count === 0 ? null : sum / count

const summarize = (talks: ReadonlyArray<Talk>): Conversations => {
  const completed = talks.filter((talk) => talk.completed).length
  const lengths = talks.flatMap(({ messages }) => messages === null ? [] : [messages])
  const written = talks.flatMap(({ messageLength, messages }) =>
    messageLength === null ? [] : [{ characters: messageLength * (messages ?? 1), messages: messages ?? 1 }]
  )
  const sum = (list: ReadonlyArray<number>): number => list.reduce((a, b) => a + b, 0)
  return {
    count: talks.length,
    completed,
    completionRate: mean(completed, talks.length),
    meanLength: mean(sum(lengths), lengths.length),
    meanMessageLength: mean(sum(written.map((one) => one.characters)), sum(written.map((one) => one.messages)))
  }
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const fold = (): Fold => {
  const sessions = new Set<string>()
  const features = new Map<string, Set<string>>()
  const talks = new Map<string, Talk>()
  const kinds = new Map<string, Kind>()

  const addFeature = ({ featureName }: Data, session: string): void => {
    if (typeof featureName !== "string") return
    const users = features.get(featureName) ?? new Set()
    features.set(featureName, users.add(session))
  }

  const addTalk = (data: Data): void => {
    if (typeof data["conversationId"] !== "string") return
    const talk = talks.get(data["conversationId"]) ?? { messages: null, messageLength: null, completed: false }
    talks.set(data["conversationId"], talk)
    talk.messages = numberOf(data["messageCount"]) ?? talk.messages
    talk.messageLength = numberOf(data["averageMessageLength"]) ?? talk.messageLength
    talk.completed ||= data["completed"] === true
  }

  const addSuggestion = (data: Data, weight: number): void => {
    const { outcome, suggestionType, timeToInteract } = data
    if (typeof suggestionType !== "string") return
    const kind = kinds.get(suggestionType) ?? { counts: { shown: 0, accepted: 0, dismissed: 0 }, time: 0, timed: 0 }
    kinds.set(suggestionType, kind)
    if (outcome === "shown" || outcome === "accepted" || outcome === "dismissed") kind.counts[outcome] += weight
    if (typeof timeToInteract !== "number") return
    kind.time += timeToInteract
    kind.timed++
  }

  return {
    add: (event) => {
      const { sessionId } = event.context
      sessions.add(sessionId)
      if (event.type !== FeatureUsed.type && event.type !== Conversation.type && event.type !== Suggestion.type) return
      const data: Data = JSON.parse(event.data)
      if (event.type === FeatureUsed.type) addFeature(data, sessionId)
      else if (event.type === Conversation.type) addTalk(data)
      else addSuggestion(data, (1 + event.suppressed) / event.rate)
    },
    sessions: () => sessions.size,
    sessionsOf: (feature) => features.get(feature)?.size ?? 0,
    conversations: () => summarize([...talks.values()]),
    suggestions: () =>
      Array.from(kinds, ([type, { counts, time, timed }]) => ({
        type,
        shown: Math.round(counts.shown),
        accepted: Math.round(counts.accepted),
        dismissed: Math.round(counts.dismissed),
        acceptanceRate: mean(counts.accepted, counts.shown),
        meanTimeToInteract: mean(time, timed)
      })).sort((a, b) => b.shown - a.shown || (a.type < b.type ? -1 : 1))
  }
}
