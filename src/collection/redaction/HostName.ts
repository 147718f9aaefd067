/**
 * Names of machines, where a text shows that a name is one: after the errors of name resolution, in the domains that
 * private networks use, and in the form that systems give to a new computer.
 *
 * @since 0.1.0
 */
import { Dash, Dot, occurs, type Rule, Space, Twelve, Upper } from "./Rule.js"

const resolved =
  /(E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH) )(?=[\w.-]*[A-Za-z])[\w-]{1,63}(?:\.[\w-]{1,63}){0,10}(?![\w(])/g
const privateDomain =
  /(?<![\w./@\\-])[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}-[A-Za-z0-9-]{0,62}\.(?:local|home)|[A-Za-z0-9-]{0,62}\.(?:lan|localdomain|home\.arpa|fritz\.box)|[A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){1,6}\.internal)(?![\w-]|\.\w)/g
const privateEnding = /\.(?:local|home|lan|internal|fritz)/
const given = /(?<![\w-])(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{7,11}(?![\w-])/g

/**
 * @since 0.1.0
 * @category rules
 */
export const resolvedRule: Rule = {
  name: "host",
  needs: Upper | Space | Twelve,
  apply: (text) => occurs(resolved, text) ? text.replace(resolved, "$1[host]") : text
}

/**
 * @since 0.1.0
 * @category rules
 */
export const domainRule: Rule = {
  name: "host",
  needs: Dot,
  apply: (text) => privateEnding.test(text) ? text.replace(privateDomain, "[host]") : text
}

/**
 * @since 0.1.0
 * @category rules
 */
export const givenRule: Rule = {
  name: "host",
  needs: Dash | Upper | Twelve,
  apply: (text) => occurs(given, text) ? text.replace(given, "[host]") : text
}
