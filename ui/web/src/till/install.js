// The till as an app: the service worker, and the offer to install it where the browser leaves that
// to the page. Safari does not: there the page says how.
if ('serviceWorker' in navigator && window.isSecureContext) {
  navigator.serviceWorker.register('/till/worker.js', { scope: '/till/' }).catch(() => {})
}

let offer = null
window.addEventListener('beforeinstallprompt', event => {
  event.preventDefault()
  offer = event
  for (const e of document.querySelectorAll('till-install')) e.state()
})
window.addEventListener('appinstalled', () => {
  offer = null
  for (const e of document.querySelectorAll('till-install')) e.state()
})

class TillInstall extends HTMLElement {
  connectedCallback () {
    this.querySelector('button').onclick = async () => {
      await offer?.prompt()
      offer = null
      this.state()
    }
    this.state()
  }

  state () {
    const runs = matchMedia('(display-mode: standalone)').matches || navigator.standalone === true
    const safari = 'standalone' in navigator && !runs
    this.dataset.state = runs ? 'runs' : offer ? 'offer' : safari ? 'safari' : 'menu'
  }
}
customElements.define('till-install', TillInstall)

// The place for an activation link opens with the camera, where there is one.
document.addEventListener('toggle', event => {
  const place = event.target
  const parts = place.querySelector?.('template[data-scanner]')
  if (!place.open || !parts) return
  const scan = document.createElement('till-scan')
  const form = place.querySelector('form')
  const [finder, photo] = parts.content.children
  form.append(photo)
  scan.append(finder, form)
  parts.replaceWith(scan)
}, true)
