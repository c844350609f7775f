// The payer's script. Every page works without it; it adds large keys, seconds that count, and
// screens that change by themselves.
import '../theme/left.js'
import '../theme/pad.js'
import './live.js'
import './weixin.js'

// Back to the shop by itself, when the receipt has been seen.
const AWAY = 4000 // ms

class PayBack extends HTMLElement {
  connectedCallback () {
    const link = this.querySelector('a')
    this.timer = setTimeout(() => location.assign(link.href), AWAY)
    // Who reads on stays.
    const stay = () => clearTimeout(this.timer)
    for (const sign of ['pointerdown', 'keydown', 'wheel']) {
      document.addEventListener(sign, stay, { once: true, passive: true })
    }
  }

  disconnectedCallback () { clearTimeout(this.timer) }
}
customElements.define('pay-back', PayBack)

// One press of a button is enough: a second one would ask the wallet twice.
document.addEventListener('submit', event => {
  if (event.target.dataset.sent) event.preventDefault()
  else event.target.dataset.sent = '1'
})
window.addEventListener('pageshow', () => {
  for (const form of document.forms) delete form.dataset.sent
})
