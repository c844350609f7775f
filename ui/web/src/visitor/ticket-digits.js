// The digits behind the text of a ticket that must be shown changing: RFC 6238 with HMAC-SHA-256,
// six digits, steps of 30 s (see visit/park/ticket). The page makes them without a network.
export const STEP = 30_000 // ms

const bytes = hex => Uint8Array.from(hex.match(/../g), pair => parseInt(pair, 16))

// digits are those of a moment, in milliseconds since 1970, from a secret in hex.
export async function digits (secret, at) {
  const key = await crypto.subtle.importKey('raw', bytes(secret),
    { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const step = new DataView(new ArrayBuffer(8))
  step.setUint32(0, Math.floor(at / STEP / 2 ** 32))
  step.setUint32(4, Math.floor(at / STEP) >>> 0)
  const sum = new DataView(await crypto.subtle.sign('HMAC', key, step))
  const from = sum.getUint8(sum.byteLength - 1) & 0xf
  return String((sum.getUint32(from) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

// parkDay is the park day of a moment, "2026-11-23": it begins at five in Japan.
export const parkDay = at => new Date(at + (9 - 5) * 3_600_000).toISOString().slice(0, 10)
