/**
 * Names that say that what they name is private: `password`, `apiKey`, `X-Auth-Token`, `customer email` … A name is read
 * as words, so that case and separators do not matter and a `monkey` is not a `key`.
 *
 * @since 0.1.0
 */

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "))

/** Wherever one of these words stands, the name is that of a secret. */
const secrets = words(
  "passwort pwd passphrase passcode bearer creds authorization csrf xsrf jwt otp totp cvv cvc jsessionid phpsessid"
)

/** So is it with a word that ends in one of these. A form that asks twice numbers its fields. */
const secretEnding = /(?:password|passwd|secret|token|apikey|cookie|credential)s?\d{0,2}$/

/** A name that ends in `key` or `code` after one of these is that of a secret. */
const owners = words(
  "api access secret private auth session master signing signature encryption ssh account shared storage client app " +
    "application service subscription iam hmac crypto license admin gpg pgp ssl tls deploy webhook write ingest user security"
)

const isSecretWord = (word: string): boolean =>
  secrets.has(word) || secretEnding.test(word) || (word.endsWith("key") && owners.has(word.slice(0, -3)))

/** A name that ends in `pass` or `pw` after one of these is that of a password: `db_pass`, and no `test_pass`. */
const accounts = words("db database user admin root smtp imap mail ftp ssh mysql postgres redis mongo proxy http login")

/** A name that ends in one of these, in the query of a URL, signs it. */
const signatures = words("signature sig hmac")

/** A name that is just this. */
const whole = words("key keys auth pin pass pw sig signature authentication")

/** A name that ends in one of these tells something about a secret, and is not one. */
const about = words(
  "id ids count counts length len size sizes type types name names file files path paths limit limits max min total used " +
    "usage budget expiry expires expired expiration ttl age url uri policy format status state valid required enabled " +
    "disabled present set reset hint label field index version algorithm strength days source endpoint provider manager " +
    "store selector chars consumed remaining rate cost window error errors"
)

/** The tokens of a language model are counted, not kept secret. */
const measures = words("max min prompt completion input output total cached reasoning num number context model used")

/** A name that ends in one of these, in one word or in two, is that of something personal. */
const personal = words(
  "email emails mail phone telephone mobile fax ssn iban passport birthday birthdate birth dob surname lastname firstname fullname " +
    "username hostname ipaddress macaddress creditcard cardnumber phonenumber " +
    "emailaddress socialsecurity securitynumber streetaddress homeaddress postaladdress accountnumber"
)

/** Names come again and again; those of the last texts are remembered. */
const judged = new Map<string, boolean>()
const maxJudged = 512

const split = (name: string): ReadonlyArray<string> =>
  name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2").toLowerCase()
    .match(/[a-z0-9]+/g) ?? []

const isSecretWords = (list: ReadonlyArray<string>): boolean => {
  const last = list[list.length - 1]
  if (last === undefined) return false
  const before = list[list.length - 2]
  if (before === undefined) return whole.has(last) || isSecretWord(last)
  if (about.has(last)) return false
  if ([...list, list.join("")].some(isSecretWord)) return true
  if (/^(?:pass|pw)$/.test(last) && accounts.has(before)) return true
  return last === "auth" || (/^(?:keys?|code)$/.test(last) && owners.has(before))
}

/**
 * Is a text that follows this name a secret?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isSecret = (name: string): boolean => {
  const known = judged.get(name)
  if (known !== undefined) return known
  const verdict = isSecretWords(split(name))
  if (judged.size >= maxJudged) judged.clear()
  judged.set(name, verdict)
  return verdict
}

/**
 * Is the name a secret's only by itself, and otherwise a common word: `key`, `pass`, `signature`?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isVague = (name: string): boolean => whole.has(name.toLowerCase())

/**
 * Is a text that follows this name in the query of a URL a secret, though it may not be elsewhere?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isSignature = (name: string): boolean => signatures.has(split(name).at(-1) ?? "")

/**
 * Does the name stand for a number of language-model tokens?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isMeasure = (name: string): boolean => {
  const list = split(name)
  return list.includes("tokens") || (list.includes("token") && list.some((word) => measures.has(word)))
}

/**
 * Is the value of a field of this name private, be it a secret or something personal?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isPrivate = (name: string): boolean => {
  const list = split(name)
  return isSecretWords(list) || [1, 2].some((n) => personal.has(list.slice(-n).join("").replace(/\d{1,2}$/, "")))
}

/**
 * The form in which names are compared: letters and digits only, in lower case.
 *
 * @since 0.1.0
 * @category conversions
 */
export const normalize = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "")
