// The line to the server: one stream of events for as long as the page is open. Screens hear of
// changes as the event till:change on the body; after a lost line they hear it once without a
// payment, because nobody knows what they missed.
import { down } from './screen.js'

const PATIENCE = 2500 // ms without a line before the cashier is told
const waited = new Set() // payments that were seen waiting for their outcome

class TillLine extends HTMLElement {
  connectedCallback () {
    this.open()
    this.renewed = () => this.renew()
    window.addEventListener('online', this.renewed)
    this.watch = new MutationObserver(() => note())
    this.watch.observe(document.body, { childList: true, subtree: true })
    note()
  }

  disconnectedCallback () {
    window.removeEventListener('online', this.renewed)
    this.watch.disconnect()
    this.source.close()
  }

  // renew takes a new line after the device was without a network: the old one may be dead, which
  // nobody notices for minutes.
  renew () {
    this.lost = true
    this.source.close()
    this.open()
  }

  open () {
    clearTimeout(this.again)
    this.source = new EventSource(this.getAttribute('src'))
    this.source.addEventListener('hello', () => {
      clearTimeout(this.timer)
      this.timer = null
      down(false)
      if (this.lost) tell({})
      this.lost = false
    })
    this.source.addEventListener('change', event => {
      const change = JSON.parse(event.data)
      toast(change)
      tell(change)
    })
    this.source.addEventListener('error', () => {
      this.lost = true
      this.timer ??= setTimeout(() => down(true), PATIENCE)
      // The browser gives up for good when it is refused: look again later.
      if (this.source.readyState !== EventSource.CLOSED) return
      clearTimeout(this.again)
      this.again = setTimeout(() => this.open(), 5000)
    })
  }
}
customElements.define('till-line', TillLine)

function tell (change) {
  document.body.dispatchEvent(new CustomEvent('till:change', { detail: change }))
}

function note () {
  for (const e of document.querySelectorAll('[data-waits]')) waited.add(e.dataset.waits)
  if (document.querySelector('till-pending')) {
    waited.add(document.getElementById('screen').dataset.payment)
  }
}

// toast tells how a payment ended that the cashier no longer looks at, and what a customer has
// paid by the shop's printed code.
function toast (change) {
  if (!change.text || !change.news && !waited.has(change.payment)) return
  waited.delete(change.payment)
  if (document.getElementById('screen')?.dataset.payment === change.payment) return
  const link = document.createElement('a')
  link.className = `toast ${change.tone}`
  link.href = `/till/payments/${encodeURIComponent(change.payment)}/result`
  link.textContent = change.text
  document.getElementById('toasts').append(link)
  setTimeout(() => link.remove(), 9000)
}
