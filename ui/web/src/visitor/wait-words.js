// The words of waits: what the server says of a queue in a page, said again when it changes. What
// is not known is never a number, and what takes nobody has none.

const SHORT = 20 // minutes; the tone alone hangs on these
const LONG = 60

const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all)

function clock (at, lang) {
  return new Date(at).toLocaleTimeString(lang, {
    timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  })
}

// say puts a wait, as GET /v1/parks/{park}/waits answers it, into the words of the page.
export function say (wait, words) {
  const out = { minutes: -1, short: '?', long: words.unknown, tone: '' }
  if (wait.state === 'down') return { ...out, short: '!', long: words.down, tone: 'stop' }
  if (wait.state === 'closed' || wait.state === 'refurbishment') {
    return { ...out, short: '–', long: words[wait.state], tone: 'stop' }
  }
  if (wait.state !== 'operating') return out
  if (wait.timed_only) return { ...out, short: '⏱', long: words.timed }
  const n = wait.minutes
  if (n === null || n === undefined) return out
  out.minutes = n
  out.short = wait.at_most && n > 0 ? `≤${n}` : String(n)
  out.long = n === 0 ? words.none : fill(wait.at_most ? words.most : words.minutes, { n })
  out.tone = n <= SHORT ? 'good' : n > LONG ? 'wait' : ''
  return out
}

// note says of when a wait is, when that is not now, and what was last known.
export function note (wait, words, lang) {
  const known = wait.minutes !== null && wait.minutes !== undefined
  if (wait.state === 'operating' && !known && wait.last_minutes != null && !wait.timed_only) {
    return fill(words.last, { n: wait.last_minutes, time: clock(wait.last_at, lang) })
  }
  if (known && wait.freshness !== 'fresh' && wait.observed_at) {
    return fill(words.asof, { time: clock(wait.observed_at, lang) })
  }
  if (known && wait.trend > 0) return words.longer
  if (known && wait.trend < 0) return words.shorter
  return ''
}
