// The page that the service worker shows when a page does not come: why, which sales wait for an
// answer, and the way back as soon as the network answers.
import { here, sales } from './kept.js'

const AGAIN = 3000 // ms
const PAGE = '/till/away' // who looks at the page itself stays on it

class TillAway extends HTMLElement {
  connectedCallback () {
    const { store, terminal } = here()
    this.querySelector('[data-where]').textContent = [store, terminal].filter(Boolean).join(' · ')
    const list = this.querySelector('[data-sales]')
    const open = sales().filter(s => !s.told)
    list.hidden = open.length === 0
    for (const sale of open) {
      const line = document.createElement('li')
      const time = new Date(sale.at).toTimeString().slice(0, 5)
      line.textContent = `${time}  ${sale.amount}`
      list.querySelector('ul').append(line)
    }
    this.look = () => this.ask()
    window.addEventListener('online', this.look)
    window.addEventListener('offline', this.look)
    this.querySelector('[data-again]').onclick = this.look
    this.timer = setInterval(this.look, AGAIN)
    this.state()
  }

  disconnectedCallback () {
    clearInterval(this.timer)
    window.removeEventListener('online', this.look)
    window.removeEventListener('offline', this.look)
  }

  state () { this.dataset.line = navigator.onLine === false ? 'offline' : 'down' }

  // ask fetches what is cheap to answer; a navigation would only bring this page again.
  async ask () {
    this.state()
    try {
      const answer = await fetch(PAGE, { method: 'HEAD', cache: 'no-store' })
      if (answer.ok && this.isConnected && location.pathname !== PAGE) {
        clearInterval(this.timer)
        location.reload()
      }
    } catch { /* not yet */ }
  }
}
customElements.define('till-away', TillAway)
