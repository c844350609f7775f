// The service worker of the till. It keeps the shell alone: scripts, styles, the icon, and the page
// that says that there is no connection. What the network answers, a payment above all, is never
// kept: a page either comes from the network now, or says that it did not.
//
// The server writes before this: self.watari = { name, files }, where name changes with the files.
const { name, files } = self.watari
const FAMILY = 'watari-till-'
const AWAY = '/till/away'
const PATIENCE = 10000 // ms until a page that does not come is given up

self.addEventListener('install', event => {
  event.waitUntil(caches.open(name).then(cache => cache.addAll([...files, AWAY])))
})

self.addEventListener('activate', event => {
  event.waitUntil((async () => {
    for (const old of await caches.keys()) {
      if (old.startsWith(FAMILY) && old !== name) await caches.delete(old)
    }
    await self.clients.claim()
  })())
})

self.addEventListener('fetch', event => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== location.origin || request.method !== 'GET') return
  if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request))
  else if (request.mode === 'navigate') event.respondWith(page(request, url))
})

// asset is a file of the bundle: its address changes with its content.
async function asset (request) {
  const kept = await caches.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) {
    const cache = await caches.open(name)
    await cache.put(request, answer.clone())
  }
  return answer
}

// page is what the network says, or that it says nothing. An activation link works once, so its
// answer is waited for.
async function page (request, url) {
  const stop = new AbortController()
  const timer = url.pathname.startsWith('/till/activate')
    ? 0
    : setTimeout(() => stop.abort(), PATIENCE)
  try {
    const answer = await fetch(request, { signal: stop.signal })
    renew(answer.headers.get('Till-Look'))
    return answer
  } catch {
    return await caches.match(AWAY, { ignoreVary: true }) ?? Response.error()
  } finally {
    clearTimeout(timer)
  }
}

// renew keeps the page without a connection in the language and the light that are chosen now.
async function renew (look) {
  const kept = await caches.match(AWAY, { ignoreVary: true })
  if (!look || kept?.headers.get('Till-Look') === look) return
  const cache = await caches.open(name)
  await cache.add(AWAY).catch(() => {})
}
