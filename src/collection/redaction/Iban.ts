/**
 * International bank account numbers, checked by the length of their country and modulo 97.
 *
 * @since 0.1.0
 */
import { FewDigits, type Rule, Twelve, Upper } from "./Rule.js"

const lengths = new Map(
  ("AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 " +
    "FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 " +
    "LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 " +
    "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 DZ26 AO25 BJ28 BF28 CM27 CV25 CF27 " +
    "TD27 KM27 CG27 CI28 GA27 GW25 GQ27 IR26 MG27 ML28 MA28 MZ25 NE28 SN28 TG28").split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))])
)

const start = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])/g
const alphanumeric = /[A-Za-z0-9]/

/** The end of `length` letters and digits from `from` on, single spaces and dashes between them; -1 where there are fewer. */
const span = (text: string, from: number, length: number): number => {
  let at = from
  for (let left = length; left > 0; left--) {
    if (at > from && (text[at] === " " || text[at] === "-")) at++
    if (at >= text.length || !alphanumeric.test(text[at]!)) return -1
    at++
  }
  return at < text.length && alphanumeric.test(text[at]!) ? -1 : at
}

const isValid = (iban: string): boolean => {
  let rest = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97
  }
  return rest === 1
}

/**
 * @since 0.1.0
 * @category rules
 */
export const rule: Rule = {
  name: "iban",
  needs: FewDigits | Twelve | Upper,
  apply: (text) => {
    let out = ""
    let done = 0
    start.lastIndex = 0
    for (let match = start.exec(text); match !== null; match = start.exec(text)) {
      const length = lengths.get(match[0].slice(0, 2).toUpperCase())
      const end = length === undefined ? -1 : span(text, match.index, length)
      if (end === -1 || !isValid(text.slice(match.index, end).replace(/[ -]/g, ""))) continue
      out += text.slice(done, match.index) + "[iban]"
      done = end
      start.lastIndex = end
    }
    return done === 0 ? text : out + text.slice(done)
  }
}
