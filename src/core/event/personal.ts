/**
 * What must not survive decoding, and the form in which it is kept: phones and codes as keyed
 * hashes, device attributes as an MD5, a referrer as its domain, and a phone number, mail address,
 * resident number or bank card that stands where only a pseudonym belongs as a keyed hash of it.
 */
import { type Keys, md5Hex } from './keyed-hash.ts'

/** Whatever could be personal has an @, many digits, digits in groups, or letters beyond ASCII. */
const suspicious = /[@\u0080-\uffff]|\d{11}|\d{3}[ .-]\d{4}/
const personal = [
  /[^\s@]{1,64}@[^\s@]{1,255}/,
  /(?<!\d)(?:(?:00)?86[ .-]?)?1[3-9]\d([ .-]?)\d{4}\1\d{4}(?!\d)/,
  /(?<!\d)[1-9]\d{5}([ .-]?)(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\1\d{3}[\dXx](?![\dA-Za-z])/,
  /(?<!\d)(?:62|4\d|5[1-5])\d{2}([ .-]?)\d{4}\1\d{4}\1\d{4}(?:\1?\d{1,3})?(?!\d)/,
]

/** The name itself, or `p:` and a keyed hash where it looks personal. */
export function keepName(name: string, keys: Keys): string {
  if (!suspicious.test(name)) return name
  const plain = name.normalize('NFKC')
  return personal.some((pattern) => pattern.test(plain)) ? `p:${keys.pseudonym(name)}` : name
}

/** Phones are compared by their digits, full-width ones too, without the 86 or 0086 of China. */
export function hashPhone(phone: string, keys: Keys): string {
  const digits = phone.normalize('NFKC').replace(/[^\d]/g, '')
  return keys.phone(digits.replace(/^(?:00)?86(?=\d{11}$)/, ''))
}

export interface HashedCode {
  readonly codeHash: string
  readonly codeBlock: string
  readonly codeTail: number | null
}

/** Codes are compared without case, width, spaces and dashes, as people type them. */
export function hashCode(code: string, keys: Keys): HashedCode {
  const typed = /^[0-9A-Z]*$/.test(code) ? code : asTyped(code)
  return {
    codeHash: keys.code(typed),
    codeBlock: keys.code(`block ${typed.slice(0, -4)}`),
    codeTail: tailNumber(typed.slice(-4)),
  }
}

const asTyped = (code: string) =>
  code
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')

/**
 * The value of four digits, or of four digits and letters: 0099 and 0100 are neighbours only in
 * base 10, 00AZ and 00B0 only in base 36.
 */
function tailNumber(tail: string): number | null {
  if (tail.length !== 4) return null
  let [decimal, value] = [0, 0]
  let isDecimal = true
  for (let at = 0; at < 4; at += 1) {
    const unit = tail.charCodeAt(at)
    const isDigit = unit >= 0x30 && unit <= 0x39
    if (!isDigit && (unit < 0x41 || unit > 0x5a)) return null
    const digit = isDigit ? unit - 0x30 : unit - 0x41 + 10
    isDecimal &&= isDigit
    decimal = decimal * 10 + digit
    value = value * 36 + digit
  }
  return isDecimal ? decimal : value
}

/** An MD5 as the SDK writes it, of more than four different digits: 000…0 is made by hand. */
export function isSdkFingerprint(text: string): boolean {
  if (text.length !== 32) return false
  let seen = 0
  for (let index = 0; index < 32; index += 1) {
    const unit = text.charCodeAt(index)
    const digit = unit <= 0x39 ? unit - 0x30 : (unit | 0x20) - 0x61 + 10
    if (digit < 0 || digit > 15 || (unit > 0x39 && digit < 10)) return false
    seen |= 1 << digit
  }
  let different = 0
  for (; seen !== 0; seen &= seen - 1) different += 1
  return different > 4
}

/** One MD5 for the same attributes in any order. */
export function attributesMd5(attributes: Readonly<Record<string, string>>): string {
  const names = Object.keys(attributes).sort()
  return md5Hex(JSON.stringify(names.map((name) => [name, attributes[name]])))
}

/** What stands for a referrer that names no domain: never official. */
export const invalidReferrer = 'invalid'

/** The domain of a referrer as a browser reads it: `\` is `/`, and what precedes @ is no domain. */
export function referrerDomain(referrer: string): string {
  const text = referrer.trim().replaceAll('\\', '/')
  const rest = text.replace(/^[a-zA-Z][a-zA-Z0-9+.-]*:\/+/, '').replace(/^\/\//, '')
  const authority = rest.split(/[/?#]/, 1)[0]!
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '')
  const domain = host.toLowerCase().replace(/\.$/, '')
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(domain) && domain.length <= 253
    ? domain
    : invalidReferrer
}
