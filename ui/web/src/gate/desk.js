// A device at a gate: it asks the network and, when that does not answer at once, decides alone by
// the pack that it took along. What it decided is kept and uploaded, under the same nonce.
import { decide, indexed, party } from './decide.js'

const ASK = 700 // ms that the network has to answer a scan
const REST = 8000 // ms for which a network that did not answer is not asked
const SYNC = 30_000 // ms between packs
const SEND = 100 // scans in one upload

const mint = () => [...crypto.getRandomValues(new Uint8Array(12))]
  .map(b => b.toString(16).padStart(2, '0')).join('')

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
  }

  // begin reads what is kept. A pack of another device is no use, nor are its scans; those are not
  // dropped before they were uploaded.
  async begin (deviceID) {
    this.pack = await this.store.pack()
    this.scans = (await this.store.scans()).sort((a, b) => a.at - b.at)
    if (this.pack && this.pack.device_id !== deviceID && !this.waiting().length) {
      await this.store.clear()
      this.pack = null
      this.scans = []
    }
    if (this.pack) {
      this.tickets = indexed(this.pack.tickets)
      this.offset = this.pack.offset ?? 0
    }
    for (const scan of this.scans) this.note(scan)
    this.tell()
    await this.sync()
    this.timer = setInterval(() => this.sync(), SYNC)
    window.addEventListener('online', () => { this.away = 0; this.sync() })
  }

  now () { return Date.now() + this.offset }

  waiting () { return this.scans.filter(s => s.alone && !s.sent) }

  // ready says whether the device can decide alone now.
  ready () { return Boolean(this.pack) && this.now() < this.pack.until }

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
      if (answer.status === 401) {
        this.dispatchEvent(new Event('ended'))
        throw new Error('this is no device any more')
      }
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
      return await answer.json()
    } finally {
      clearTimeout(timer)
    }
  }

  // scan is the verdict on a text.
  async scan ({ text, typed, kind, override = '' }) {
    const scan = {
      nonce: mint(), text: text.slice(0, 200), typed: Boolean(typed), kind, override,
      at: Date.now(), offset: this.offset,
    }
    const online = navigator.onLine && Date.now() >= this.away
    const verdict = (online && await this.remote(scan)) || await this.alone(scan)
    this.note(scan)
    this.scans.push(scan)
    this.tell()
    return verdict
  }

  async remote (scan) {
    const { nonce, text, typed, kind, override } = scan
    try {
      const verdict = await this.ask('/gate/scans', { nonce, text, typed, kind, override }, ASK)
      this.line(true)
      Object.assign(scan, {
        admitted: verdict.admitted, reason: verdict.reason, number: verdict.number, alone: false,
        sent: true, text: '',
      })
      await this.store.keep(scan).catch(() => {})
      return verdict
    } catch {
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

  overridable (reason) {
    return ['unknown', 'early', 'late', 'product', 'digits', 'used'].includes(reason)
  }

  // sync uploads what is kept and takes what changed along; one at a time.
  async sync () {
    if (this.syncing) return
    this.syncing = true
    try {
      await this.upload()
      await this.take()
      await this.store.forget(Date.now())
      this.line(true)
    } catch {
      this.line(false)
    } finally {
      this.syncing = false
      this.tell()
    }
  }

  async upload () {
    for (let left = this.waiting(); left.length; left = this.waiting()) {
      const part = left.slice(0, SEND)
      const { taken } = await this.ask('/gate/uploads', {
        waiting: left.length - part.length,
        scans: part.map(s => ({
          nonce: s.nonce, text: s.text, typed: s.typed, kind: s.kind, override: s.override,
          at: s.at, offset: s.offset, admitted: s.admitted, reason: s.reason,
        })),
      }, 20_000)
      const known = new Set(taken)
      let some = false
      for (const scan of part) {
        if (!known.has(scan.nonce)) continue
        some = scan.sent = true
        await this.store.keep(scan)
      }
      if (!some) return
      this.tell()
    }
  }

  // take fetches the pack, or what changed of it, and measures how far the clock is behind.
  async take () {
    const since = this.pack?.clock ?? 0
    const asked = Date.now()
    const query = new URLSearchParams({
      since, offset: Math.round(this.offset), waiting: this.waiting().length,
    })
    const fresh = await this.ask(`/gate/pack?${query}`, null, 20_000)
    const answered = Date.now()
    // Between two moments of this clock the network's was what it says.
    if (answered - asked < 5000 || !this.pack) {
      this.offset = Math.round(fresh.clock - (asked + answered) / 2)
    }
    fresh.offset = this.offset
    if (fresh.delta && this.pack) {
      for (const row of fresh.tickets) this.tickets.set(row[0], row)
      fresh.tickets = [...this.tickets.values()]
      fresh.partial = this.pack.partial
    } else this.tickets = indexed(fresh.tickets)
    this.pack = fresh
    await this.store.keepPack(fresh)
    // An upload reaches the next difference; without it the pack would say less than is known.
  }
}
