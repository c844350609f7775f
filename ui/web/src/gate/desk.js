// A device at a gate: it asks the network and, when that does not answer at once, decides alone by
// the pack that it took along. What it decided is kept and uploaded, under the same nonce.
import { decide, indexed, OVERRIDABLE, party } from './decide.js'

const ASK = 250 // ms that the network has to answer a scan
const PATIENT = 6000 // ms that it has when the device cannot decide alone
const REST = 8000 // ms for which a network that did not answer is not asked
const SYNC = 30_000 // ms between packs
const SEND = 100 // scans in one upload
const CLEAN = 60 * 60 * 1000 // ms between two times that old scans are dropped

const mint = () => [...crypto.getRandomValues(new Uint8Array(12))]
  .map(b => b.toString(16).padStart(2, '0')).join('')

// An answer that is a refusal of what was sent: sending it again would change nothing.
const refused = ({ status }) => status >= 400 && status < 500 && ![401, 408, 429].includes(status)

export class Desk extends EventTarget {
  constructor (store) {
    super()
    this.store = store
    this.pack = null
    this.tickets = new Map()
    this.scans = []
    this.passes = new Map() // own admitted passes by number
    this.offset = 0
    this.away = 0 // until when the network is not asked
    this.since = 0 // since when it does not answer; 0: it does
    this.cleaned = 0
    this.ended = false // this browser is no device any more
    this.full = false // what was taken along could not be kept
  }

  // begin reads what is kept. A pack of another device is no use. Scans of another device are
  // uploaded by this one, when they are of the same park.
  async begin (deviceID) {
    const pack = await this.store.pack().catch(() => null)
    this.scans = (await this.store.scans().catch(() => [])).sort((a, b) => a.at - b.at)
    if (pack?.device_id === deviceID) this.use(pack)
    else if (pack) await this.store.dropPack().catch(() => {})
    for (const scan of this.scans) this.note(scan)
    this.tell()
    await this.sync()
    this.timer = setInterval(() => this.sync(), SYNC)
    window.addEventListener('online', () => { this.away = 0; this.sync() })
  }

  use (pack) {
    this.pack = pack
    this.tickets = indexed(pack.tickets)
    this.offset = pack.offset ?? 0
  }

  now () { return Date.now() + this.offset }

  // waiting are the scans that the network does not have.
  waiting () { return this.scans.filter(s => s.alone && !s.sent) }

  // due are those of them that it may take now.
  due () {
    return this.waiting().filter(s => !s.stuck && (!s.park || s.park === this.pack?.park_id))
  }

  // ready says whether the device can decide alone now.
  ready () { return Boolean(this.pack) && !this.store.nowhere && this.now() < this.pack.until }

  own (number) { return this.passes.get(number) ?? [] }

  note (scan) {
    if (!scan.admitted || !scan.number) return
    const passes = this.passes.get(scan.number) ?? []
    passes.push({ kind: scan.kind, at: scan.at + scan.offset })
    this.passes.set(scan.number, passes)
  }

  tell () { this.dispatchEvent(new Event('change')) }

  line (answers) {
    if (answers) this.away = 0
    else this.away = Date.now() + REST
    const since = answers ? 0 : this.since || Date.now()
    if (since === this.since) return
    this.since = since
    this.tell()
  }

  // end is what a device does whose session is over: it was lost, or its gate was closed. It drops
  // what it could decide by, and keeps what the network does not have.
  async end () {
    if (this.ended) return
    this.ended = true
    this.pack = null
    this.tickets = new Map()
    clearInterval(this.timer)
    await this.store.dropPack().catch(() => {})
    this.dispatchEvent(new Event('ended'))
  }

  async ask (path, body, timeout) {
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), timeout)
    try {
      const answer = await fetch(path, {
        method: body ? 'POST' : 'GET',
        body: body ? JSON.stringify(body) : undefined,
        headers: body ? { 'Content-Type': 'application/json' } : {},
        cache: 'no-store',
        signal: stop.signal,
      })
      if (answer.status === 401) await this.end()
      if (!answer.ok) {
        throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status })
      }
      return await answer.json()
    } finally {
      clearTimeout(timer)
    }
  }

  // scan is the verdict on the text of one ticket.
  async scan ({ text, typed, kind, override = '' }) {
    const scan = {
      nonce: mint(), text: text.slice(0, 200), typed: Boolean(typed), kind, override,
      at: Date.now(), offset: this.offset, park: this.pack?.park_id,
    }
    const online = navigator.onLine && (Date.now() >= this.away || !this.ready())
    const verdict = (online && await this.remote(scan)) || await this.alone(scan)
    if (verdict.unready) return verdict
    this.note(scan)
    this.scans.push(scan)
    this.tell()
    return verdict
  }

  // together are the verdicts on the tickets of people who come together, each for itself.
  async together (texts, more) {
    const verdicts = await Promise.all(texts.map(text => this.scan({ ...more, text })))
    for (const v of verdicts) {
      if (v.offline && v.group) Object.assign(v, party(this.tickets, n => this.own(n), v.group))
    }
    return verdicts
  }

  async remote (scan) {
    const { nonce, text, typed, kind, override } = scan
    try {
      const verdict = await this.ask('/gate/scans', { nonce, text, typed, kind, override },
        this.ready() ? ASK : PATIENT)
      this.line(true)
      Object.assign(scan, {
        admitted: verdict.admitted, reason: verdict.reason, number: verdict.number, alone: false,
        sent: true, text: '',
      })
      await this.store.keep(scan).catch(() => {})
      return verdict
    } catch (err) {
      if (refused(err)) throw err
      this.line(false)
      return null
    }
  }

  async alone (scan) {
    const at = scan.at + scan.offset
    if (!this.ready()) return { unready: true, admitted: false, kind: scan.kind, at }
    const input = { text: scan.text, typed: scan.typed, kind: scan.kind, at }
    const found = await decide(this.pack, this.tickets, n => this.own(n), input)
    const overridden = !found.admitted && scan.override !== '' && this.overridable(found.reason)
    const admitted = found.admitted || overridden
    Object.assign(scan, {
      admitted, reason: found.reason, number: found.number, alone: true, sent: false,
    })
    if (!overridden) scan.override = ''
    await this.store.keep(scan)
    const together = found.group ? party(this.tickets, n => this.own(n), found.group) : {}
    if (together.of && admitted && scan.kind === 'entry' && !this.own(found.number)
      .some(p => p.kind === 'entry') && !this.entered(found.number)) together.in++
    return {
      ...found, ...together, admitted, override: scan.override, kind: scan.kind, at, offline: true,
    }
  }

  entered (number) { return (this.tickets.get(number)?.[9] ?? 0) > 0 }

  // overridable says whether staff may let somebody in all the same.
  overridable (reason) {
    return this.pack?.overrides !== false && OVERRIDABLE.includes(reason)
  }

  // sync uploads what is kept and takes what changed along; one at a time.
  async sync () {
    if (this.syncing || this.ended) return
    this.syncing = true
    try {
      if (!this.pack) await this.take()
      await this.upload()
      await this.take()
      await this.clean()
      this.line(true)
    } catch (err) {
      if (!this.ended) this.line(refused(err))
    } finally {
      this.syncing = false
      this.tell()
    }
  }

  // clean drops scans that are old.
  async clean () {
    if (Date.now() - this.cleaned < CLEAN) return
    this.cleaned = Date.now()
    await this.store.forget(this.cleaned).catch(() => {})
  }

  // upload sends what is kept. One scan that the network does not take keeps no other back: it is
  // found by sending one at a time, and stays here for somebody to look at.
  async upload () {
    let size = SEND
    for (let left = this.due(); left.length; left = this.due()) {
      const part = left.slice(0, size)
      let taken
      try {
        taken = await this.send(part)
      } catch (err) {
        if (!refused(err)) throw err
        if (size === 1) {
          part[0].stuck = true
          await this.store.keep(part[0]).catch(() => {})
        }
        size = 1
        continue
      }
      const known = new Set(taken)
      let some = false
      for (const scan of part) {
        if (!known.has(scan.nonce)) continue
        some = scan.sent = true
        await this.store.keep(scan).catch(() => {}) // else it is sent again, which changes nothing
      }
      if (!some) return
      this.tell()
    }
  }

  async send (part) {
    const { taken } = await this.ask('/gate/uploads', {
      waiting: this.waiting().length - part.length,
      scans: part.map(s => ({
        nonce: s.nonce, text: s.text, typed: s.typed, kind: s.kind, override: s.override,
        at: s.at, offset: s.offset, admitted: s.admitted, reason: s.reason,
      })),
    }, 20_000)
    return taken
  }

  // take fetches the pack, or what changed of it, and measures how far the clock is behind.
  async take (whole = false) {
    const since = whole ? 0 : this.pack?.clock ?? 0
    const asked = Date.now()
    const query = new URLSearchParams({
      since, offset: Math.round(this.offset), waiting: this.waiting().length,
    })
    const fresh = await this.ask(`/gate/pack?${query}`, null, 20_000)
    const answered = Date.now()
    if (fresh.delta && fresh.version !== this.pack?.version) {
      await this.take(true) // the gate takes other tickets now
      return
    }
    // Between two moments of this clock the network's was what it says.
    if (answered - asked < 5000 || !this.pack) {
      this.offset = Math.round(fresh.clock - (asked + answered) / 2)
    }
    fresh.offset = this.offset
    const rows = fresh.tickets
    if (fresh.delta) {
      for (const row of rows) this.tickets.set(row[0], row)
      fresh.partial = this.pack.partial
    } else this.tickets = indexed(rows)
    delete fresh.tickets
    this.pack = fresh
    // What cannot be kept is of use until the page is closed.
    await this.store.keepPack(fresh, rows, !fresh.delta).then(() => { this.full = false },
      () => { this.full = true })
    // An upload reaches the next difference; without it the pack would say less than is known.
  }
}
