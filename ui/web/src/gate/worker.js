// The service worker of a gate's device. It keeps the page of the gate with its scripts, so that a
// phone that is restarted without a network still lets people in. What the network answers is never
// kept here: packs and scans are the page's own business.
//
// The server writes before this: self.watari = { name, files }, where name changes with the files.
const { name, files } = self.watari
const FAMILY = 'watari-gate-'
const PAGE = '/gate/'
const PATIENCE = 4000 // ms until a page that does not come is given up

self.addEventListener('install', event => {
  event.waitUntil(caches.open(name).then(cache => cache.addAll(files)).then(() =>
    self.skipWaiting()))
})

self.addEventListener('activate', event => {
  event.waitUntil((async () => {
    for (const old of await caches.keys()) {
      if (old.startsWith(FAMILY) && old !== name) await caches.delete(old)
    }
    await self.clients.claim()
    await renew()
  })())
})

self.addEventListener('message', event => {
  if (event.data === 'keep') event.waitUntil(renew())
})

self.addEventListener('fetch', event => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== location.origin || request.method !== 'GET') return
  if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request))
  else if (request.mode === 'navigate' && url.pathname === PAGE) event.respondWith(page(request))
})

async function asset (request) {
  const kept = await caches.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await (await caches.open(name)).put(request, answer.clone())
  return answer
}

// renew keeps the page as it is now, when the network gives it.
async function renew () {
  const answer = await fetch(PAGE, { credentials: 'same-origin' }).catch(() => null)
  if (answer?.ok) await (await caches.open(name)).put(PAGE, answer)
}

async function page (request) {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), PATIENCE)
  try {
    const answer = await fetch(request, { signal: stop.signal })
    const cache = await caches.open(name)
    if (answer.ok) await cache.put(PAGE, answer.clone())
    else if (answer.status === 401) await cache.delete(PAGE) // it is no device any more
    return answer
  } catch {
    return await caches.match(PAGE, { ignoreVary: true }) ?? Response.error()
  } finally {
    clearTimeout(timer)
  }
}
