// The service worker of the visitor's app. It keeps the files of the bundle that pages use, and
// the pages that say that they may be kept (header Visit-Keep): a ticket, a map. A page comes from
// the network when there is one; what was kept is shown only without, or when the server has
// trouble, with the time of when it was true.
//
// What was kept for one visitor is dropped when another one, or nobody, is signed in (header
// Visit-Who), and at once when the form to sign out is sent, whether it arrives or not. Who was
// heard of last is remembered among the pages: nothing of anybody else is shown, however late an
// answer comes.
//
// The server writes before this: self.watari = { name, files }, where name changes with the files.
const { name, files } = self.watari
const FAMILY = 'watari-visit-'
const AWAY = '/visit/away'
const MAP = '/visit/map' // the tab: a park's map is looked for there too
const LIST = '/visit/offline.json'
const LAST = '/visit/last' // under which it is remembered who was heard of last
const ENDS = ['/visit/sign-out', '/visit/settings/forget'] // after these forms it is nobody
const PATIENCE = 12000 // ms until a page that does not come is given up
const PATIENCE_KEPT = 5000 // when there is a kept one
const KEPT_MAX = 60 // pages

let begun = 0 // visits of pages, and ends of sessions, since this worker runs
let heard = 0 // the latest of them by which is known who is signed in

self.addEventListener('install', event => {
  event.waitUntil((async () => {
    const cache = await caches.open(name)
    await cache.addAll([...files, AWAY])
    await self.skipWaiting()
  })())
})

self.addEventListener('activate', event => {
  event.waitUntil((async () => {
    const again = new Set()
    const old = (await family()).filter(n => n !== name)
    for (const n of old) {
      const cache = await caches.open(n)
      const who = await cache.match(LAST)
      if (who) await (await caches.open(name)).put(LAST, who)
      for (const { url } of await cache.keys()) if (isPage(url)) again.add(url)
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
  if (url.origin !== location.origin) return
  if (request.method === 'POST' && ENDS.includes(url.pathname)) event.waitUntil(end())
  if (request.method !== 'GET') return
  if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request))
  else if (request.mode === 'navigate') event.respondWith(page(event, request, url))
})

const family = async () => (await caches.keys()).filter(n => n.startsWith(FAMILY))

// isPage tells pages of visitors from files, and from what this worker keeps for itself.
function isPage (address) {
  const { pathname } = new URL(address)
  return !pathname.startsWith('/assets/') && pathname !== AWAY && pathname !== LAST
}

// asset is a file of the bundle: its address changes with its content.
async function asset (request) {
  const kept = await caches.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) (await caches.open(name)).put(request, answer.clone())
  return answer
}

// place is the address under which a page is kept: the language that it was asked in is no part,
// and of a map not the point that is looked at, which its script finds.
function place (address) {
  const url = new URL(address, location.origin)
  url.searchParams.delete('lang')
  if (isMap(url)) url.search = ''
  url.hash = ''
  return url.href
}

const isMap = url => url.pathname.endsWith('/map')

const whoOf = answer => answer?.headers.get('Visit-Who')

// last is who was heard of last: "" after a session ended, undefined when nobody was yet.
const last = async () => whoOf(await (await caches.open(name)).match(LAST))

// ours tells whether a page is of who was heard of last.
async function ours (answer) {
  const who = await last()
  return who === undefined || who === whoOf(answer)
}

// mine is what was kept of an address for who is signed in.
async function mine (address) {
  const at = place(address)
  const kept = await (await caches.open(name)).match(at) ?? await caches.match(at) ??
    (isMap(new URL(at)) ? await caches.match(MAP) : undefined)
  return kept && await ours(kept) ? kept : undefined
}

// page is what the network says, else what was kept, else that there is neither. On the way to a
// wallet and back nothing is given up: those addresses work once.
async function page (event, request, url) {
  const turn = ++begun
  const once = url.pathname.startsWith('/visit/sign-in')
  const kept = once ? undefined : await mine(request.url)
  const stop = new AbortController()
  const timer = once ? 0 : setTimeout(() => stop.abort(), kept ? PATIENCE_KEPT : PATIENCE)
  try {
    const answer = await fetch(request, { signal: stop.signal })
    event.waitUntil(note(turn, request.url, answer.clone()))
    if (!troubled(answer) || !kept || !await ours(kept)) return answer
    return aged(kept)
  } catch {
    return kept && await ours(kept) ? aged(kept) : await caches.match(AWAY) ?? Response.error()
  } finally {
    clearTimeout(timer)
  }
}

// troubled tells that the server has trouble, or too much to do: a ticket is shown all the same.
const troubled = answer => answer.status >= 500 || answer.status === 429

// aged marks a kept page with the time of when it was true.
async function aged (kept) {
  const at = new Date(kept.headers.get('Date') ?? Date.now()).toISOString()
  const text = (await kept.text()).replace('<html', `<html data-kept="${at}"`)
  return new Response(text, { headers: kept.headers })
}

// note keeps a page that may be kept, and drops what was kept for another visitor. An answer that
// is overtaken by a later one, or by the end of the session, says nothing of who is signed in.
async function note (turn, address, answer) {
  const who = whoOf(answer)
  if (!who || turn < heard) return
  heard = turn
  const changed = await only(who)
  await store(address, answer)
  if (changed) await keepAll()
}

// end forgets who was signed in: the next page says who is.
async function end () {
  heard = ++begun
  await only('')
}

// only remembers who was heard of last and drops the pages of everybody else; true when it was
// somebody else before, or pages were dropped: those of a stranger are kept before anybody is heard
// of, and who signs in then wants their own.
async function only (who) {
  const before = await last()
  if (before !== who) {
    const mark = new Response('', { headers: { 'Visit-Who': who } })
    await (await caches.open(name)).put(LAST, mark)
  }
  let dropped = false
  for (const n of await family()) {
    const cache = await caches.open(n)
    for (const request of await cache.keys()) {
      if (isPage(request.url) && whoOf(await cache.match(request)) !== who) {
        await cache.delete(request)
        dropped = true
      }
    }
  }
  return dropped || before !== undefined && before !== who
}

// worth says which pages are given up last: tickets; and which first: those of a query, such as
// the points of a map that were looked at.
function worth (address) {
  const { pathname, search } = new URL(address)
  return pathname.startsWith('/visit/tickets') ? 2 : search ? 0 : 1
}

// store puts a page with its files into the cache; false when it may not be kept.
async function store (address, answer) {
  if (!answer.ok || answer.headers.get('Visit-Keep') !== 'yes' || !await ours(answer)) return false
  const url = new URL(address, location.origin)
  if (isMap(url) && [...url.searchParams.keys()].some(k => k !== 'lang')) return false
  const cache = await caches.open(name)
  const text = await answer.clone().text()
  await cache.put(place(address), answer)
  for (const [, file] of text.matchAll(/"(\/assets\/[^"]+\.(?:js|css|svg))"/g)) {
    if (!await cache.match(file)) await cache.add(file).catch(() => {})
  }
  const pages = (await cache.keys()).map(r => r.url).filter(isPage)
  const over = pages.sort((a, b) => worth(a) - worth(b)).slice(0, -KEPT_MAX)
  for (const url of over) await cache.delete(url)
  return true
}

// keep fetches an address anew and keeps it; false when there was no answer that is one.
async function keep (address) {
  try {
    const answer = await fetch(address, { credentials: 'same-origin', redirect: 'manual' })
    await store(address, answer)
    return !troubled(answer)
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
