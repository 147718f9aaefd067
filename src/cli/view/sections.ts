/**
 * The pages, in the order of the navigation.
 *
 * @since 0.1.0
 */
import { catalogue } from "./Catalogue.js"
import { errors } from "./Errors.js"
import { event } from "./Event.js"
import { overview } from "./Overview.js"
import { queue } from "./Queue.js"
import { redaction } from "./Redaction.js"
import type { Section } from "./Section.js"
import { sent } from "./Sent.js"
import { sessions } from "./Sessions.js"
import { usage } from "./Usage.js"

/**
 * @since 0.1.0
 * @category constants
 */
export const sections: ReadonlyArray<Section> = [
  overview,
  queue,
  event,
  sent,
  redaction,
  usage,
  errors,
  sessions,
  catalogue
]
