/**
 * Every built-in rule, in the order in which they are tried: what may hold other private text comes before it.
 *
 * @since 0.1.0
 */
import * as AuthScheme from "./AuthScheme.js"
import * as Email from "./Email.js"
import * as FlagSecret from "./FlagSecret.js"
import * as HardwareAddress from "./HardwareAddress.js"
import * as HostName from "./HostName.js"
import * as Iban from "./Iban.js"
import * as Ipv4 from "./Ipv4.js"
import * as Ipv6 from "./Ipv6.js"
import * as Jwt from "./Jwt.js"
import * as NamedSecret from "./NamedSecret.js"
import * as PaymentCard from "./PaymentCard.js"
import * as Phone from "./Phone.js"
import * as PrivateKey from "./PrivateKey.js"
import type { Rule } from "./Rule.js"
import * as SocialSecurity from "./SocialSecurity.js"
import * as SpokenSecret from "./SpokenSecret.js"
import * as UrlCredentials from "./UrlCredentials.js"
import * as UserPath from "./UserPath.js"
import * as VendorKey from "./VendorKey.js"

/**
 * @since 0.1.0
 * @category constants
 */
export const builtIn: ReadonlyArray<Rule> = [
  PrivateKey.rule,
  UrlCredentials.rule,
  NamedSecret.rule,
  FlagSecret.rule,
  SpokenSecret.rule,
  Jwt.rule,
  VendorKey.rule,
  VendorKey.dottedRule,
  VendorKey.digitsRule,
  AuthScheme.rule,
  Email.rule,
  UserPath.rule,
  UserPath.dashedRule,
  Iban.rule,
  PaymentCard.rule,
  SocialSecurity.rule,
  SocialSecurity.namedRule,
  HardwareAddress.rule,
  HardwareAddress.dashedRule,
  HardwareAddress.dottedRule,
  Ipv6.rule,
  Ipv4.rule,
  Phone.rule,
  Phone.namedRule,
  HostName.resolvedRule,
  HostName.domainRule,
  HostName.givenRule
]
