/**
 * The name of a person in the path of a home directory. The rest of the path stays: it is what a stack is read for.
 *
 * @since 0.1.0
 */
import { Dashes, occurs, type Rule, Slash } from "./Rule.js"

const segment = "[^/\\\\\\s:\"'`<>|,;()[\\]{}*?&#]+"
const shared = /^(?:Shared|Public|Default|All Users|Default User)$/i

/** `/home/` after a letter is the path of a URL, unless one of a few known directories leads there. */
const posix = new RegExp(
  "((?:(?<![A-Za-z0-9_.-]|\\[user\\])|(?<=/(?:usr|export|var|data|nfs|mnt|net)))/home/|/Users/|(?<=[A-Za-z]:)/{1,2}users/)(" +
    segment + ")",
  "g"
)
const windows =
  /((?:\\{1,4}|(?<=[A-Za-z]:)\/)(?:users|documents and settings)[\\/]{1,4})([^\\/:*?"<>|\r\n,;)'[\]]{1,64})/gi
const encoded = /((?:%2F|%5C)(?:Users|home)(?:%2F|%5C))([^%\s/"'&]{1,64})/gi
const dashed = /((?<![A-Za-z0-9-])-(?:Users|home)-)([A-Za-z0-9_.]{1,64})(?=-)/g
const mounted = new RegExp("((?<![\\w.-])/(?:run/media|var/mail|var/spool/mail)/)(" + segment + ")", "g")
const tilde = /((?<![\w~.-])~)([a-z_][\w-]{0,31})(?=\/)/g
const temporary = /(\/var\/folders\/)([\w+]{1,16}\/[\w+]{1,64})/g

const hint = /users|home|folders|settings|mail\/|media\/|~/i

const replaceUser = (match: string, before: string, user: string): string =>
  shared.test(user) ? match : before + "[user]"

/** A Windows name may hold spaces, but only where something ends it that is not a space. */
const replaceSpaced = (match: string, before: string, user: string, at: number, text: string): string => {
  if (shared.test(user)) return match
  const next = text[at + match.length]
  const space = user.indexOf(" ")
  if (space === -1 || next === "\\" || next === "/" || next === "\"" || next === "'") return before + "[user]"
  return space === 0 ? match : before + "[user]" + user.slice(space)
}

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "user",
  needs: Slash,
  apply: (text) => {
    if (!hint.test(text)) return text
    let out = text
    if (out.includes("/")) {
      out = out.replace(posix, replaceUser).replace(temporary, replaceUser)
        .replace(mounted, replaceUser).replace(tilde, replaceUser)
    }
    if (/[\\:]/.test(out)) out = out.replace(windows, replaceSpaced)
    if (out.includes("%")) out = out.replace(encoded, replaceUser)
    return out
  }
}

/**
 * Paths written as one name, with dashes for slashes.
 *
 * @since 0.1.0
 * @category rules
 */
export const dashedRule: Rule = {
  name: "user",
  needs: Dashes,
  apply: (text) => occurs(dashed, text) ? text.replace(dashed, replaceUser) : text
}
