// A screen whose outcome is not known yet looks again when its payment changed, when its time is
// over, and now and then by itself.
import { show } from './screen.js'

const AGAIN = 10000 // ms

class TillPending extends HTMLElement {
  connectedCallback () {
    this.payment = this.closest('#screen').dataset.payment
    this.heard = event => {
      if (!event.detail.payment || event.detail.payment === this.payment) this.look()
    }
    document.body.addEventListener('till:change', this.heard)
    this.over = () => this.look()
    document.body.addEventListener('time-over', this.over)
    this.timer = setInterval(() => this.look(), AGAIN)
  }

  disconnectedCallback () {
    document.body.removeEventListener('till:change', this.heard)
    document.body.removeEventListener('time-over', this.over)
    clearInterval(this.timer)
  }

  async look () {
    try {
      const response = await fetch(this.dataset.url)
      if (!response.ok) return
      const text = await response.text()
      const page = new DOMParser().parseFromString(text, 'text/html')
      // While the outcome is open, only a screen that names its stage gives way to another stage.
      const next = page.querySelector('till-pending')
      const moved = this.dataset.stage && next?.dataset.stage !== this.dataset.stage
      if (this.isConnected && (!next || moved)) await show(text)
    } catch { /* the line tells when it is back */ }
  }
}
customElements.define('till-pending', TillPending)
