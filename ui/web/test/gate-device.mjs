// A device at a gate without a browser around it: the page's own desk, told what to do by the Go
// tests of ui/gate, a line of JSON at a time on its standard input. Its clock and its network are
// the test's. What a browser would keep on its disk is in memory here.
import { createInterface } from 'node:readline'
import { split } from '../src/gate/ticket.js'

const real = Date.now
let shift = 0
Date.now = () => real() + shift
globalThis.window = new EventTarget()
Object.defineProperty(globalThis, 'navigator', { value: { onLine: true }, configurable: true })
globalThis.setInterval = () => 0

const { Desk } = await import('../src/gate/desk.js')

const net = { base: '', cookie: '', down: false, cut: 0, path: '' }
const plain = globalThis.fetch
globalThis.fetch = async (path, options) => {
  if (net.down) throw new TypeError('no network')
  const answer = await plain(net.base + path, {
    ...options, headers: { ...options.headers, Cookie: net.cookie },
  })
  if (net.cut > 0 && path.startsWith(net.path)) {
    net.cut--
    await answer.text()
    throw new TypeError('the line was cut')
  }
  return answer
}

const disk = { pack: undefined, tickets: new Map(), scans: new Map(), full: false }
const write = fn => {
  if (disk.full) throw new DOMException('', 'QuotaExceededError')
  fn()
}
const store = {
  pack: async () => disk.pack && structuredClone(
    { ...disk.pack, tickets: [...disk.tickets.values()] }),
  keepPack: async (pack, rows, whole) => write(() => {
    if (whole) disk.tickets.clear()
    for (const row of rows) disk.tickets.set(row[0], structuredClone(row))
    disk.pack = structuredClone(pack)
  }),
  dropPack: async () => { disk.pack = undefined; disk.tickets.clear() },
  scans: async () => [...disk.scans.values()].map(s => structuredClone(s)),
  keep: async scan => write(() => disk.scans.set(scan.nonce, structuredClone(scan))),
  forget: async () => {},
}

let desk
const orders = {
  begin: async ({ base, cookie, device }) => {
    Object.assign(net, { base, cookie })
    desk = new Desk(store)
    await desk.begin(device)
  },
  clock: async ({ at }) => { shift = at - real() },
  net: async change => { Object.assign(net, change); desk.away = 0 },
  disk: async change => {
    if (change.lost) Object.assign(disk, { pack: undefined, tickets: new Map(), scans: new Map() })
    if (change.full !== undefined) disk.full = change.full
    if (change.poison) for (const s of disk.scans.values()) if (!s.sent) { s.kind = 'up'; break }
  },
  scan: async ({ text, typed, kind, override }) => {
    const texts = typed ? [text] : split(text)
    try {
      return await desk.together(texts, { typed, kind, override })
    } catch {
      return [{ broken: true, admitted: false }]
    }
  },
  sync: async () => { await desk.sync() },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { order, ...what } = JSON.parse(line)
  const verdicts = await orders[order](what)
  process.stdout.write(JSON.stringify({
    verdicts: verdicts ?? [],
    waiting: desk?.waiting().length ?? 0,
    due: desk?.due().length ?? 0,
    scans: desk?.scans.length ?? 0,
    tickets: desk?.tickets.size ?? 0,
    pack: Boolean(disk.pack),
    ended: desk?.ended ?? false,
    offset: desk?.offset ?? 0,
  }) + '\n')
}
