// The service worker is asked for when the page has been shown and nothing else is to do, so that
// it costs the first page nothing; now and then it is told to fetch anew what it keeps.
const AGAIN = 10 * 60 * 1000 // ms

const idle = window.requestIdleCallback ?? (run => setTimeout(run, 1500))

async function start () {
  await navigator.serviceWorker.register('/visit/worker.js', { scope: '/visit' })
  const { active } = await navigator.serviceWorker.ready
  const last = Number(sessionStorage.getItem('visit-kept-at') ?? 0)
  if (Date.now() - last < AGAIN || document.documentElement.dataset.kept) return
  sessionStorage.setItem('visit-kept-at', String(Date.now()))
  active.postMessage('keep')
}

if ('serviceWorker' in navigator && window.isSecureContext) {
  window.addEventListener('load', () => idle(() => start().catch(() => {})))
}
