// A device that is alone decides by this. It is what visit/park/gate decides by on the server
// (judge.go); the vectors that both are held to are made there. Times are ms since 1970.
import { fresh, numberOf, parse, secretOf, signed } from './ticket.js'

const MINUTE = 60_000
const DAY_CUT = 5 * 60 * MINUTE // a park day begins at five in Japan
const JAPAN = 9 * 60 * MINUTE
const REENTRIES = ['none', 'after_exit', 'any', 'daily']

// Reasons for which staff may let somebody in all the same.
export const OVERRIDABLE = ['unknown', 'early', 'late', 'product', 'digits', 'used']

export const dayOf = at => new Date(at + JAPAN - DAY_CUT).toISOString().slice(0, 10)

// ticketOf reads a ticket of a pack, which is an array.
export function ticketOf (row) {
  const [number, product, unit, notBefore, notAfter, state, reentry, listed, rotating, entries,
    inside, last, group, claims] = row
  return {
    number, product, unit, notBefore, notAfter, state, reentry: REENTRIES[reentry],
    listed: listed === 1, rotating: rotating === 1, entries, inside: inside === 1, last, group,
    claims: claims ?? [],
  }
}

// indexed makes a map of the tickets of a pack by their numbers.
export const indexed = rows => new Map(rows.map(row => [row[0], row]))

// passed is how a ticket was used: what the pack says, and then what this device saw itself.
function passed (ticket, own) {
  const { entries = 0, inside = false, last = 0 } = ticket ?? {}
  const is = { entries, inside, last }
  for (const pass of own) {
    if (ticket && pass.at <= ticket.last) continue // the pack knows it
    if (pass.kind === 'entry') is.entries++
    is.inside = pass.kind === 'entry'
    is.last = pass.at
  }
  return is
}

// again: who was not seen going out is out when the day ends.
function again (rule, is, at) {
  const today = is.last > 0 && dayOf(is.last) === dayOf(at)
  return rule === 'any' || (rule === 'after_exit' && (!is.inside || !today)) ||
    (rule === 'daily' && !today)
}

// believed reads a text as far as it can be believed: a ticket's claim with its number, or why not.
async function believed (pack, input) {
  if (input.typed) {
    const number = numberOf(input.text)
    if (number) return { form: 'admitted', number }
  }
  const claim = parse(input.text)
  if (!claim) return { form: 'invalid' }
  const key = pack.keys[claim.key]
  if (!key) return { form: 'foreign' }
  if (!await signed(claim, key)) return { form: 'forged' }
  return { form: 'admitted', number: claim.number, claim }
}

// decide judges a scan: pack is what the device took along, tickets its tickets (indexed), own(n)
// the device's own admitted passes of a number, oldest first.
export async function decide (pack, tickets, own, input) {
  const { form, number, claim } = await believed(pack, input)
  if (form !== 'admitted') return { admitted: false, reason: form, number: '' }
  const row = tickets.get(number)
  const ticket = row && ticketOf(row)
  const product = pack.products[ticket?.product ?? claim?.product]
  const is = passed(ticket, own(number))
  const reason = await judge({ pack, ticket, claim, product, is, number, input })
  return {
    admitted: reason === 'admitted',
    reason,
    number,
    product,
    unit: ticket?.unit ?? claim?.class ?? 0,
    group: ticket?.group ?? 0,
    claims: ticket?.claims ?? [],
    last: is.entries || is.last ? is.last : 0,
    known: Boolean(ticket),
  }
}

async function judge ({ pack, ticket, claim, product, is, number, input }) {
  const from = (ticket?.notBefore ?? claim?.notBefore) * MINUTE
  const until = ((ticket?.notAfter ?? claim?.notAfter) + 1) * MINUTE
  if (!ticket && !claim) return 'unknown' // a number that was typed has no signature
  if (ticket?.state === 1) return 'cancelled'
  if (ticket?.state === 2) return 'replaced'
  if (input.kind === 'exit') return 'admitted'
  if (input.at < from) return 'early'
  if (input.at >= until) return 'late'
  if (!(ticket ? ticket.listed : product?.listed)) return 'product'
  const rule = ticket?.reentry ?? product?.reentry ?? 'none'
  if (is.entries > 0 && !again(rule, is, input.at)) return 'used'
  if (claim ? claim.changes : ticket.rotating) {
    const key = pack.days[dayOf(input.at)]
    if (!claim || !key || !await fresh(await secretOf(key, number), claim.digits, input.at)) {
      return 'digits'
    }
  }
  return 'admitted'
}

// party counts the tickets of a group, and how many of them have entered.
export function party (tickets, own, group) {
  let of = 0
  let entered = 0
  for (const row of tickets.values()) {
    if (row[12] !== group || row[5] !== 0) continue
    of++
    if (passed(ticketOf(row), own(row[0])).entries > 0) entered++
  }
  return { of, in: entered }
}
