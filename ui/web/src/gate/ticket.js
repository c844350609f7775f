// The text of a ticket, as package ticket of the server writes it (visit/park/ticket/doc.go has the
// layout): read, its signature held to the park's public keys, and its changing digits.

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const PAYLOAD = 28
const TOTAL = 92
const TEXT = TOTAL / 2 * 3
const DIGITS = 6
const STEP = 30 // seconds for which the same digits are shown
const DOMAIN = new TextEncoder().encode('watari ticket\0')

const hex = bytes => [...bytes].map(b => b.toString(16).padStart(2, '0')).join('')

export const unhex = text => Uint8Array.from(text.match(/../g) ?? [], b => parseInt(b, 16))

// decode45 reads base 45 of an even number of bytes; null for anything else.
function decode45 (text) {
  const out = new Uint8Array(text.length / 3 * 2)
  for (let i = 0, at = 0; i < text.length; i += 3) {
    const [a, b, c] = [0, 1, 2].map(k => ALPHABET.indexOf(text[i + k]))
    const n = a + 45 * b + 45 * 45 * c
    if (a < 0 || b < 0 || c < 0 || n > 0xffff) return null
    out[at++] = n >> 8
    out[at++] = n & 0xff
  }
  return out
}

// parse reads a text; null when it is no ticket. Nothing that it says may be believed before its
// signature holds.
export function parse (text) {
  let digits = ''
  if (text.length === TEXT + DIGITS) {
    digits = text.slice(TEXT)
    text = text.slice(0, TEXT)
  } else if (text.length !== TEXT) return null
  const raw = decode45(text)
  if (!raw || raw[0] !== 1 || raw[27] >> 4 !== 0 || !/^\d*$/.test(digits)) return null
  const view = new DataView(raw.buffer)
  return {
    key: view.getUint16(1),
    number: hex(raw.subarray(3, 11)),
    product: view.getUint32(11),
    slot: view.getUint32(15),
    notBefore: view.getUint32(19), // minutes since 1970
    notAfter: view.getUint32(23),
    changes: (raw[27] & 1) === 1,
    class: raw[27] >> 1 & 7,
    digits,
    raw,
  }
}

// TOGETHER is how many tickets one code shows at most.
const TOGETHER = 6

// split takes apart what one code shows of people who come together: tickets one behind the other,
// each with its digits when it changes. Of one ticket more than once it keeps the first. What
// cannot be taken apart, and a ticket alone, comes back as it is.
export function split (text) {
  const parts = new Map()
  let n = 0
  for (let rest = text; rest; n++) {
    const claim = parse(rest.slice(0, TEXT))
    if (!claim || n >= TOGETHER) return [text]
    const size = claim.changes && rest.length >= TEXT + DIGITS ? TEXT + DIGITS : TEXT
    if (!parts.has(claim.number)) parts.set(claim.number, rest.slice(0, size))
    rest = rest.slice(size)
  }
  return n > 1 ? [...parts.values()] : [text]
}

// body is a text without what changes: the same ticket is not read twice for its digits.
export const body = text => split(text).map(part => part.slice(0, TEXT)).join('')

// numberOf reads a code as it was typed, such as 9F3A-1C22-B0D4-77E1; '' when it is none.
export function numberOf (code) {
  const number = code.replace(/[- ]/g, '').toLowerCase()
  return /^[0-9a-f]{16}$/.test(number) ? number : ''
}

const imported = new Map() // what verifies, by public key in hex

// verifier makes what holds a signature to a public key: the browser's own Ed25519, or else one in
// JavaScript for browsers that have none yet.
async function verifier (key) {
  const raw = unhex(key)
  try {
    const own = await crypto.subtle.importKey('raw', raw, { name: 'Ed25519' }, false, ['verify'])
    return (sig, message) => crypto.subtle.verify({ name: 'Ed25519' }, own, sig, message)
  } catch {
    const { verifyAsync } = await import('@noble/ed25519')
    return (sig, message) => verifyAsync(sig, message, raw, { zip215: false })
  }
}

// signed says whether the signature of a parsed ticket holds to a public key in hex.
export async function signed (claim, key) {
  if (!imported.has(key)) imported.set(key, await verifier(key))
  const message = new Uint8Array(DOMAIN.length + PAYLOAD)
  message.set(DOMAIN)
  message.set(claim.raw.subarray(0, PAYLOAD), DOMAIN.length)
  try {
    return await imported.get(key)(claim.raw.subarray(PAYLOAD), message)
  } catch {
    return false
  }
}

const mac = async (key, bytes) => {
  const own = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false,
    ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', own, bytes))
}

// secretOf is what the digits of a ticket are made from, of the key of a day in hex.
export function secretOf (dayKey, number) {
  const what = new TextEncoder().encode('ticket\0')
  const bytes = new Uint8Array(what.length + 8)
  bytes.set(what)
  bytes.set(unhex(number), what.length)
  return mac(unhex(dayKey), bytes)
}

// digits are those of a moment in ms (RFC 6238 with HMAC-SHA-256, steps of 30 s).
export async function digits (secret, at, steps = 0) {
  const counter = new DataView(new ArrayBuffer(8))
  counter.setBigUint64(0, BigInt(Math.floor(at / 1000 / STEP) + steps))
  const sum = await mac(secret, counter.buffer)
  const from = sum[31] & 0xf
  const n = new DataView(sum.buffer).getUint32(from) & 0x7fffffff
  return String(n % 10 ** DIGITS).padStart(DIGITS, '0')
}

// fresh says whether digits are those of now, or of one step before or after.
export async function fresh (secret, shown, at) {
  for (const step of [0, -1, 1]) if (await digits(secret, at, step) === shown) return true
  return false
}
