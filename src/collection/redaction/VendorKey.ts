/**
 * Keys and tokens that carry the mark of who issued them.
 *
 * @since 0.1.0
 */
import { Dot, FewDigits, Long, Mixed, occurs, type Rule, Upper } from "./Rule.js"

/** Marks, and what follows them. */
const shapes: ReadonlyArray<readonly [marks: string, rest: string]> = [
  // Amazon, Google, Microsoft, Alibaba, Tencent, Yandex
  ["AKIA ASIA AGPA AIDA AROA AIPA ANPA ANVA ABIA ACCA", "[A-Z0-9]{16}(?![A-Za-z0-9])"],
  ["A3T", "[A-Z0-9]{17}(?![A-Za-z0-9])"],
  ["AIza", "[\\w-]{35}"],
  ["GOCSPX-", "[\\w-]{20,40}"],
  ["ya29.", "[\\w-]{20,512}"],
  ["LTAI", "[A-Za-z0-9]{16,30}(?![A-Za-z0-9])"],
  ["AKID", "[A-Za-z0-9]{32}"],
  ["AQVN", "[\\w-]{35,38}"],
  // code hosting
  ["gho_ ghp_ ghs_ ghu_ ghr_", "[A-Za-z0-9]{20,255}"],
  ["github_pat_", "[A-Za-z0-9_]{22,255}"],
  ["glpat- gldt- glrt- glft- glsoat- glcbt- glimt- glffct-", "[\\w-]{20,64}"],
  ["glptt-", "[\\w-]{40}(?![\\w-])"],
  ["glagent-", "[\\w-]{50,128}"],
  ["gloas-", "[\\w-]{64}"],
  ["GR1348941", "[\\w-]{20,64}"],
  ["ATATT3", "[\\w=-]{20,512}"],
  ["ATBB", "[A-Za-z0-9]{24,40}"],
  // chat
  ["xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxd- xoxc-", "[A-Za-z0-9-]{10,255}"],
  ["xoxe.xoxb- xoxe.xoxp-", "\\d-[A-Za-z0-9]{20,255}"],
  ["xapp-", "\\d-[A-Za-z0-9-]{20,255}"],
  // payment
  ["sk_live_ sk_test_ rk_live_ rk_test_ pk_live_", "[A-Za-z0-9]{10,255}"],
  ["whsec_", "[A-Za-z0-9+/=]{20,128}"],
  ["sq0", "[a-z]{3}-[\\w-]{22,60}"],
  ["EAAA", "[\\w-]{56,64}"],
  ["access_token$", "(?:production|sandbox)\\$[\\w$]{16,64}"],
  // mail and messages
  ["SG.", "[\\w-]{16,32}\\.[\\w-]{16,64}"],
  ["key-", "[0-9a-f]{32}(?!\\w)"],
  ["xkeysib-", "[0-9a-f]{64}-[A-Za-z0-9]{16}"],
  // language models
  ["sk-", "[\\w-]{20,255}"],
  ["hf_ gsk_ r8_", "[A-Za-z0-9]{20,64}"],
  ["xai- pplx-", "[A-Za-z0-9]{20,128}"],
  // packages and tools
  ["npm_", "[A-Za-z0-9]{30,64}"],
  ["pypi-AgE", "[\\w-]{20,512}"],
  ["rubygems_", "[0-9a-f]{48}"],
  ["dckr_pat_ dckr_oat_", "[\\w-]{20,64}"],
  ["AKC", "[a-zA-Z0-9]{20,80}(?![A-Za-z0-9])"],
  // infrastructure and products
  ["dop_v1_ doo_v1_ dor_v1_", "[0-9a-f]{64}"],
  ["shpat_ shpss_ shpca_ shppa_", "[0-9a-fA-F]{32}"],
  ["HRKU-", "[\\w-]{36,64}"],
  ["hvs. hvb. hvr.", "[\\w-]{20,255}"],
  ["dapi", "[0-9a-f]{32}(?:-\\d)?"],
  ["dp.pt. dp.st. dp.ct. dp.scim. dp.audit.", "[A-Za-z0-9.]{20,64}"],
  ["glsa_ glc_", "[A-Za-z0-9+/=_]{20,255}"],
  ["sbp_", "[0-9a-f]{40}"],
  ["pscale_tkn_ pscale_pw_ pscale_oauth_", "[\\w.-]{20,64}"],
  ["sntrys_ sntryu_", "[A-Za-z0-9+/=_-]{20,512}"],
  ["PMAK-", "[0-9a-f]{24}-[0-9a-f]{34}"],
  ["NRAK-", "[A-Z0-9]{27}"],
  ["dt0c01.", "[A-Z0-9]{24}\\.[A-Z0-9]{64}"],
  ["lin_api_ lin_oauth_ ntn_ phc_", "[A-Za-z0-9]{30,64}"],
  ["secret_", "[A-Za-z0-9]{43}(?![A-Za-z0-9])"],
  ["fo1_ fm2_", "[\\w-]{20,255}"],
  ["AGE-SECRET-KEY-1", "[A-Z0-9]{58}"],
  ["tskey-", "[a-z]{2,12}-[A-Za-z0-9-]{10,64}"],
  ["eyJrIjoi", "[\\w=-]{40,400}"],
  // our own collector
  ["eta_ eti_ etr_", "[\\w-]{32}"]
]

const escape = (mark: string): string => mark.replace(/[.$]/g, "\\$&")
const marks = (list: string): string => list.split(" ").map(escape).join("|")

/** The marks alone, sorted, are a pattern that engines search fast; the whole is only tried where one of them is. */
const anyMark = new RegExp(shapes.flatMap(([list]) => list.split(" ")).sort().map(escape).join("|"))
const marked = new RegExp(
  "(?<![A-Za-z0-9])(?:" + shapes.map(([list, rest]) => `(?:${marks(list)})${rest}`).join("|") + ")",
  "g"
)

/** Tokens known by their form: bots of Discord and Telegram, Mailchimp, Twilio. */
const dotted =
  /(?<![A-Za-z0-9])(?:[MNO]|(?=[A-Za-z]{0,27}\d))[A-Za-z0-9]{23,28}\.[\w-]{6}\.(?=[A-Za-z_-]{0,44}\d)[\w-]{27,45}(?![\w-])/g
const digits =
  /(?<![A-Za-z0-9])(?:\d{8,10}:AA[\w-]{32,35}(?![\w-])|[0-9a-f]{32}-us\d{1,2}(?!\w)|(?:SK|AC)[0-9a-f]{32}(?!\w))/g

const hooks =
  /(hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\/\d{5,25}\/|api\.telegram\.org\/(?:file\/)?bot)[\w:/-]{16,255}/g

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "api-key",
  needs: Long | Mixed,
  apply: (text) => anyMark.test(text) ? text.replace(marked, "[api-key]") : text
}

/**
 * @since 0.1.0
 * @category rules
 */
export const dottedRule: Rule = {
  name: "api-key",
  needs: Long | Dot | Upper,
  apply: (text) => {
    const out = occurs(dotted, text) ? text.replace(dotted, "[api-key]") : text
    return /hook|telegram/.test(out) ? out.replace(hooks, "$1[api-key]") : out
  }
}

/**
 * @since 0.1.0
 * @category rules
 */
export const digitsRule: Rule = {
  name: "api-key",
  needs: Long | FewDigits,
  apply: (text) => occurs(digits, text) ? text.replace(digits, "[api-key]") : text
}
