/**
 * What people do with a program: features, suggestions, conversations. Records what happens; the figures over it are made
 * from what is stored.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConsentGate } from "../consent/ConsentGate.js"
import { Conversation, FeatureUsed, ProviderCall, Suggestion } from "../domain/EventCatalog.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import * as Policy from "../Policy.js"
import { Collector } from "./Collector.js"

/**
 * A suggestion that was shown. It is accepted or dismissed once: what comes after that is not recorded.
 *
 * @since 0.1.0
 * @category models
 */
export interface Shown {
  readonly accepted: Effect.Effect<void>
  readonly dismissed: Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly feature: (data: EventDefinition.Data<typeof FeatureUsed>) => Effect.Effect<void>
  /** A call that was timed elsewhere; `Operations.providerCall` times an effect. */
  readonly provider: (data: EventDefinition.Data<typeof ProviderCall>) => Effect.Effect<void>
  /** Records that it was shown, and later what became of it and after how many milliseconds. */
  readonly suggestion: (suggestionType: string) => Effect.Effect<Shown>
  /** Records the phase `started`. The id is stored as a hash only. */
  readonly conversationStarted: (conversationId: string) => Effect.Effect<void>
  /** Counts a message by its length in characters. It is not recorded, and its text is not asked for. */
  readonly message: (conversationId: string, length: number) => Effect.Effect<void>
  /** Records a phase of the application's own, with the number and mean length of the messages until now, if there were any. */
  readonly conversationPhase: (conversationId: string, phase: string) => Effect.Effect<void>
  /** Records the phase `ended`, with whether the conversation reached its end. */
  readonly conversationEnded: (conversationId: string, completed: boolean) => Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Usage extends Context.Tag("effect-telemetry/collection/Usage")<Usage, Service>() {}

interface Messages {
  count: number
  characters: number
}

const make = Effect.gen(function*() {
  const collector = yield* Collector
  const gate = yield* ConsentGate
  const clock = yield* Effect.clock
  const conversations = new Map<string, Messages>()
  let under: string | undefined

  /** What was counted under another consent is forgotten. */
  const renew = (): void => {
    const epoch = gate.unsafeCurrent().epoch?.id
    if (epoch !== under) conversations.clear()
    under = epoch
  }

  const track =
    <D extends EventDefinition.Any>(definition: D) => (data: EventDefinition.Data<D>): Effect.Effect<void> =>
      Effect.sync(() => {
        collector.unsafeTrack(definition, data)
      })

  const messagesOf = (id: string): Messages => {
    let messages = conversations.get(id)
    if (messages === undefined) {
      conversations.set(id, messages = { count: 0, characters: 0 })
      if (conversations.size > Policy.maxConversations) conversations.delete(conversations.keys().next().value ?? id)
    }
    return messages
  }

  const conversation = (conversationId: string, phase: string, completed?: boolean): void => {
    renew()
    const messages = conversations.get(conversationId)
    collector.unsafeTrack(Conversation, {
      conversationId,
      phase,
      messageCount: messages?.count,
      averageMessageLength: messages === undefined ? undefined : messages.characters / messages.count,
      completed
    })
  }

  return Usage.of({
    feature: track(FeatureUsed),
    provider: track(ProviderCall),
    suggestion: (suggestionType) =>
      Effect.sync(() => {
        const shownAt = clock.unsafeCurrentTimeNanos()
        let settled = false
        const become = (outcome: "accepted" | "dismissed") =>
          Effect.sync(() => {
            if (settled) return
            settled = true
            const timeToInteract = Number(clock.unsafeCurrentTimeNanos() - shownAt) / 1e6
            collector.unsafeTrack(Suggestion, { suggestionType, outcome, timeToInteract })
          })
        collector.unsafeTrack(Suggestion, { suggestionType, outcome: "shown" })
        return { accepted: become("accepted"), dismissed: become("dismissed") }
      }),
    conversationStarted: (id) =>
      Effect.sync(() => {
        conversations.delete(id)
        conversation(id, "started")
      }),
    message: (id, length) =>
      Effect.sync(() => {
        if (!gate.unsafeCurrent().enabled) return
        renew()
        const messages = messagesOf(id)
        messages.count++
        messages.characters += length
      }),
    conversationPhase: (id, phase) => Effect.sync(() => conversation(id, phase)),
    conversationEnded: (id, completed) =>
      Effect.sync(() => {
        conversation(id, "ended", completed)
        conversations.delete(id)
      })
  })
})

/**
 * To add to telemetry. At most a thousand conversations are followed at one time; of the oldest the messages are forgotten.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Usage, never, Collector | ConsentGate> = Layer.effect(Usage, make)
