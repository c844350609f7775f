// The service worker of the visitor's app: what it keeps, for whom, and what it shows without a
// connection. The browser around it and the server behind it are stand-ins; the worker is the one
// that is bundled.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

const source = await readFile(new URL('../src/visitor/worker.js', import.meta.url), 'utf8')
const ORIGIN = 'https://pay.example'
const key = r => new URL(r.url ?? r, ORIGIN).href

class Cache {
  rows = new Map()
  constructor (fetch) { this.fetch = fetch }

  async put (request, answer) {
    const [text, headers] = [await answer.text(), answer.headers]
    this.rows.delete(key(request))
    this.rows.set(key(request), { text, headers })
  }

  async match (request) {
    const row = this.rows.get(key(request))
    return row && new Response(row.text, { headers: row.headers })
  }

  async keys () { return [...this.rows.keys()].map(url => new Request(url)) }
  async delete (request) { return this.rows.delete(key(request)) }

  async add (request) {
    const answer = await this.fetch(request)
    if (!answer.ok) throw new TypeError('not kept')
    await this.put(request, answer)
  }

  async addAll (list) { for (const r of list) await this.add(r) }
}

class Caches {
  all = new Map()
  constructor (fetch) { this.fetch = fetch }

  async open (name) {
    if (!this.all.has(name)) this.all.set(name, new Cache(this.fetch))
    return this.all.get(name)
  }

  async keys () { return [...this.all.keys()] }
  async delete (name) { return this.all.delete(name) }

  async match (request) {
    for (const cache of this.all.values()) {
      const found = await cache.match(request)
      if (found) return found
    }
  }
}

// phone is a browser with the worker, and a server that knows who is signed in. hold(path) makes
// the next answer of a path wait until the function that it returns is called.
function phone () {
  const server = { who: 'ann', online: true, held: new Map(), asked: [], list: ['/visit',
    '/visit/tickets'], keeps: path => !path.startsWith('/visit/orders') }
  const fetch = async request => {
    const url = new URL(key(request))
    const { who } = server
    server.asked.push(url.pathname + url.search)
    const wait = server.held.get(url.pathname)
    if (wait) {
      server.held.delete(url.pathname)
      await wait
    }
    if (!server.online) throw new TypeError('no network')
    if (url.pathname.startsWith('/assets/')) return new Response('file')
    const headers = { 'Visit-Who': who, Date: 'Mon, 23 Nov 2026 03:00:00 GMT' }
    if (url.pathname === '/visit/offline.json') {
      return new Response(JSON.stringify({ keep: server.list }), { headers })
    }
    if (server.trouble && !url.pathname.startsWith('/visit/sign-in')) {
      return new Response('trouble', { status: server.trouble })
    }
    if (url.pathname === '/visit/broken') return new Response('', { status: 500, headers })
    if (server.keeps(url.pathname)) headers['Visit-Keep'] = 'yes'
    const file = '"/assets/v1/page.js"'
    return new Response(`<html lang="en">${url.pathname} of ${who} ${file}</html>`, { headers })
  }
  const caches = new Caches(fetch)
  const p = { server, caches, worker: {} }
  p.hold = path => {
    let release
    server.held.set(path, new Promise(resolve => { release = resolve }))
    return release
  }
  p.start = name => {
    const on = {}
    const self = { watari: { name, files: ['/assets/v1/visitor.js'] }, skipWaiting () {},
      clients: { claim () {} }, addEventListener: (kind, fn) => { on[kind] = fn } }
    new Function('self', 'caches', 'fetch', 'location', source)(self, caches, fetch,
      new URL(ORIGIN))
    p.worker = on
  }
  // send gives an event to the worker; done is when all that it does for it is done.
  p.send = (kind, more = {}) => {
    const waits = []
    const e = { ...more, waitUntil: w => waits.push(w), respondWith: a => { e.answer = a } }
    p.worker[kind](e)
    e.done = (async () => {
      await Promise.resolve(e.answer).catch(() => {})
      for (let i = 0; i < waits.length; i++) await waits[i]
    })()
    return e
  }
  p.ask = (path, method = 'GET') => p.send('fetch', { request: { url: ORIGIN + path, method,
    mode: 'navigate' } })
  p.go = async path => {
    const e = p.ask(path)
    const answer = await e.answer
    const text = await answer.text()
    await e.done
    return text
  }
  p.kept = async path => [...caches.all.values()].some(c => c.rows.has(ORIGIN + path))
  p.install = async name => {
    p.start(name)
    await p.send('install').done
    await p.send('activate').done
  }
  return p
}

async function opened (name = 'watari-visit-1') {
  const p = phone()
  await p.install(name)
  return p
}

test('keeps what may be kept, and shows it without a network as of when it was', async () => {
  const p = await opened()
  assert.match(await p.go('/visit/tickets?lang=ja'), /tickets of ann/)
  await p.go('/visit/orders/ord_1')
  await p.go('/visit/broken')
  p.server.online = false
  assert.match(await p.go('/visit/tickets'),
    /^<html data-kept="2026-11-23T03:00:00.000Z" lang="en">\/visit\/tickets of ann/)
  for (const path of ['/visit/orders/ord_1', '/visit/broken', '/visit/never']) {
    assert.match(await p.go(path), /\/visit\/away/, path)
  }
  assert.ok(await p.kept('/assets/v1/page.js'))
})

test('leaves forms, sign-ins and other sites alone', async () => {
  const p = await opened()
  assert.equal(p.ask('/visit/orders/ord_1/pay', 'POST').answer, undefined)
  assert.equal(p.ask('/visit/sign-out', 'POST').answer, undefined)
  const away = p.send('fetch', { request: { url: 'https://elsewhere.example/visit', method: 'GET',
    mode: 'navigate' } })
  assert.equal(away.answer, undefined)
  const part = p.send('fetch', { request: { url: `${ORIGIN}/visit/park/fuji/quote`, method: 'GET',
    mode: 'cors' } })
  assert.equal(part.answer, undefined)
  await p.go('/visit/sign-in')
  p.server.online = false
  assert.match(await p.go('/visit/sign-in'), /\/visit\/away/)
})

test('drops what is another visitor’s', async () => {
  const p = await opened()
  await p.go('/visit/tickets')
  await p.go('/visit/receipts')
  p.server.who = 'bob'
  await p.go('/visit')
  p.server.online = false
  assert.match(await p.go('/visit/receipts'), /\/visit\/away/)
  assert.match(await p.go('/visit/tickets'), /tickets of bob/)
})

test('forgets as soon as somebody signs out, whatever the network does', async () => {
  for (const path of ['/visit/sign-out', '/visit/settings/forget']) {
    const p = await opened()
    await p.go('/visit/tickets')
    p.server.online = false
    await p.ask(path, 'POST').done
    assert.match(await p.go('/visit/tickets'), /\/visit\/away/, path)
    assert.equal(await p.kept('/visit/tickets'), false, path)
    // It did not arrive: who is still signed in has their pages again.
    p.server.online = true
    await p.go('/visit')
    p.server.online = false
    assert.match(await p.go('/visit/tickets'), /tickets of ann/, path)
  }
})

test('an answer that comes after the sign-out is not kept', async () => {
  const p = await opened()
  await p.go('/visit')
  const release = p.hold('/visit/tickets')
  const slow = p.ask('/visit/tickets')
  await p.ask('/visit/sign-out', 'POST').done
  p.server.who = 'nobody'
  await p.go('/visit')
  release()
  await slow.done
  p.server.online = false
  assert.match(await p.go('/visit/tickets'), /\/visit\/away|of nobody/)
  assert.match(await p.go('/visit'), /visit of nobody/)
})

test('what is fetched behind the page is not kept for who signed out meanwhile', async () => {
  const p = await opened()
  await p.go('/visit')
  const release = p.hold('/visit/tickets')
  const behind = p.send('message', { data: 'keep' })
  while (!p.server.asked.includes('/visit/tickets')) await new Promise(setImmediate)
  await p.ask('/visit/sign-out', 'POST').done
  release()
  await behind.done
  p.server.online = false
  assert.match(await p.go('/visit/tickets'), /\/visit\/away/)
  assert.equal(await p.kept('/visit/tickets'), false)
})

test('a new version takes the pages over, and loses none without a network', async () => {
  const p = await opened('watari-visit-1')
  await p.go('/visit/tickets')
  await p.install('watari-visit-2')
  assert.deepEqual(await p.caches.keys(), ['watari-visit-2'])
  p.start('watari-visit-3')
  await p.send('install').done
  p.server.online = false
  await p.send('activate').done
  assert.match(await p.go('/visit/tickets'), /tickets of ann/)
  await p.ask('/visit/sign-out', 'POST').done
  assert.match(await p.go('/visit/tickets'), /\/visit\/away/)
  assert.equal(await p.kept('/visit/tickets'), false, 'what an older version kept')
})

test('leaves the caches of other apps alone', async () => {
  const p = phone()
  await (await p.caches.open('watari-gate-1')).put('/gate/pack', new Response('tickets'))
  await p.install('watari-visit-1')
  await p.go('/visit')
  await p.ask('/visit/sign-out', 'POST').done
  assert.ok(await p.kept('/gate/pack'))
})

test('however much of a map is looked at, the tickets stay', async () => {
  const p = await opened()
  for (const path of ['/visit/tickets', '/visit/tickets/ord_1', '/visit', '/visit/map']) {
    await p.go(path)
  }
  for (let i = 0; i < 90; i++) await p.go(`/visit/map?at=p${i}`)
  const cache = await p.caches.open('watari-visit-1')
  assert.ok(cache.rows.size < 75, `${cache.rows.size} pages and files`)
  p.server.online = false
  for (const path of ['/visit/tickets', '/visit/tickets/ord_1', '/visit', '/visit/map',
    '/visit/map?at=p89']) {
    assert.ok((await p.go(path)).includes(`${path.split('?')[0]} of ann`), path)
  }
})

test('a server that has trouble hides no ticket', async () => {
  const p = await opened()
  await p.go('/visit/tickets')
  for (const status of [500, 502, 503, 429]) {
    p.server.trouble = status
    assert.match(await p.go('/visit/tickets'), /^<html data-kept=.*tickets of ann/)
    assert.equal(await p.go('/visit/orders/ord_1'), 'trouble')
  }
  p.server.trouble = 404
  assert.equal(await p.go('/visit/tickets'), 'trouble')
  // A new version that comes while the server is being changed loses nothing.
  p.server.trouble = 502
  p.start('watari-visit-2')
  await p.send('activate').done
  assert.ok(await p.kept('/visit/tickets'))
})

test('files of the bundle need no network', async () => {
  const p = await opened()
  p.server.online = false
  const e = p.send('fetch', { request: { url: `${ORIGIN}/assets/v1/visitor.js`, method: 'GET',
    mode: 'cors' } })
  assert.equal(await (await e.answer).text(), 'file')
})
