// The service worker of the visitor's app. It keeps the files of the bundle that pages use, and
// the pages that say that they may be kept (header Visit-Keep): a ticket, a map. A page comes from
// the network when there is one; what was kept is shown only without, with the time of when it was
// true. What was kept for one visitor is dropped when another one, or nobody, is signed in (header
// Visit-Who).
//
// The server writes before this: self.watari = { name, files }, where name changes with the files.
const { name, files } = self.watari
const FAMILY = 'watari-visit-'
const AWAY = '/visit/away'
const LIST = '/visit/offline.json'
const PATIENCE = 12000 // ms until a page that does not come is given up
const PATIENCE_KEPT = 5000 // when there is a kept one
const KEPT_MAX = 60 // pages

self.addEventListener('install', event => {
  event.waitUntil((async () => {
    const cache = await caches.open(name)
    await cache.addAll([...files, AWAY])
    await self.skipWaiting()
  })())
})

self.addEventListener('activate', event => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter(n => n.startsWith(FAMILY) && n !== name)
    const again = new Set()
    for (const n of old) {
      for (const request of await (await caches.open(n)).keys()) {
        const { pathname } = new URL(request.url)
        if (!pathname.startsWith('/assets/') && pathname !== AWAY) again.add(request.url)
      }
    }
    await self.clients.claim()
    // Pages of the version before name files that are gone: they are fetched anew first.
    const fresh = await Promise.all([...again].map(url => keep(url)))
    if (fresh.every(Boolean)) for (const n of old) await caches.delete(n)
  })())
})

self.addEventListener('message', event => {
  if (event.data === 'keep') event.waitUntil(keepAll())
})

self.addEventListener('fetch', event => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== location.origin || request.method !== 'GET') return
  if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request))
  else if (request.mode === 'navigate') event.respondWith(page(event, request, url))
})

// asset is a file of the bundle: its address changes with its content.
async function asset (request) {
  const kept = await caches.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) (await caches.open(name)).put(request, answer.clone())
  return answer
}

// place is the address under which a page is kept: the language that it was asked in is no part.
function place (address) {
  const url = new URL(address, location.origin)
  url.searchParams.delete('lang')
  url.hash = ''
  return url.href
}

// page is what the network says, else what was kept, else that there is neither. On the way to a
// wallet and back nothing is given up: those addresses work once.
async function page (event, request, url) {
  const once = url.pathname.startsWith('/visit/sign-in')
  const kept = once ? undefined : await caches.match(place(request.url))
  const stop = new AbortController()
  const timer = once ? 0 : setTimeout(() => stop.abort(), kept ? PATIENCE_KEPT : PATIENCE)
  try {
    const answer = await fetch(request, { signal: stop.signal })
    event.waitUntil(note(request.url, answer.clone()))
    return answer
  } catch {
    return kept ? aged(kept) : await caches.match(AWAY) ?? Response.error()
  } finally {
    clearTimeout(timer)
  }
}

// aged marks a kept page with the time of when it was true.
async function aged (kept) {
  const at = new Date(kept.headers.get('Date') ?? Date.now()).toISOString()
  const text = (await kept.text()).replace('<html', `<html data-kept="${at}"`)
  return new Response(text, { headers: kept.headers })
}

// note keeps a page that may be kept, and drops what was kept for another visitor.
async function note (address, answer) {
  const who = answer.headers.get('Visit-Who')
  if (!who) return
  const changed = await only(who)
  await store(address, answer)
  if (changed) await keepAll()
}

// only drops the pages of everybody but who; true when there were any.
async function only (who) {
  let changed = false
  const cache = await caches.open(name)
  for (const request of await cache.keys()) {
    const was = (await cache.match(request))?.headers.get('Visit-Who')
    if (!was || was === who || new URL(request.url).pathname === AWAY) continue
    changed = true
    await cache.delete(request)
  }
  return changed
}

// store puts a page with its files into the cache; false when it may not be kept.
async function store (address, answer) {
  if (!answer.ok || answer.headers.get('Visit-Keep') !== 'yes') return false
  const cache = await caches.open(name)
  const text = await answer.clone().text()
  await cache.put(place(address), answer)
  for (const [, file] of text.matchAll(/"(\/assets\/[^"]+\.(?:js|css|svg))"/g)) {
    if (!await cache.match(file)) await cache.add(file).catch(() => {})
  }
  const pages = (await cache.keys()).filter(r => !new URL(r.url).pathname.startsWith('/assets/'))
  for (const old of pages.slice(0, Math.max(0, pages.length - KEPT_MAX))) {
    if (new URL(old.url).pathname !== AWAY) await cache.delete(old)
  }
  return true
}

// keep fetches an address anew and keeps it; false when the network did not answer.
async function keep (address) {
  try {
    const { pathname } = new URL(address, location.origin)
    if (pathname.startsWith('/assets/')) {
      await asset(new Request(address))
      return true
    }
    const answer = await fetch(address, { credentials: 'same-origin', redirect: 'manual' })
    await store(address, answer)
    return true
  } catch {
    return false
  }
}

// keepAll keeps what the server names for who is signed in, one after the other: the network is
// slow, and the visitor comes first.
async function keepAll () {
  const answer = await fetch(LIST, { credentials: 'same-origin' }).catch(() => null)
  if (!answer?.ok) return
  const { keep: list } = await answer.json()
  for (const address of [...list, AWAY]) {
    if (address === AWAY) await (await caches.open(name)).add(AWAY).catch(() => {})
    else await keep(address)
  }
}
