// The offer to keep the app on the home screen, where the browser leaves that to the page. Safari
// does not: there the page says how.
let offer = null
const all = () => document.querySelectorAll('visit-install')

window.addEventListener('beforeinstallprompt', event => {
  event.preventDefault()
  offer = event
  for (const e of all()) e.state()
})
window.addEventListener('appinstalled', () => {
  offer = null
  for (const e of all()) e.state()
})

class VisitInstall extends HTMLElement {
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
    const now = runs ? 'runs' : offer ? 'offer' : safari ? 'safari' : 'menu'
    for (const part of this.querySelectorAll('[data-state]')) {
      part.hidden = part.dataset.state !== now
    }
  }
}
customElements.define('visit-install', VisitInstall)
