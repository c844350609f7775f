// The page that says that there is no connection: it comes back by itself when there is one.
const AGAIN = 4000 // ms
const PAGE = '/visit/away' // who looks at the page itself stays on it

class VisitAway extends HTMLElement {
  connectedCallback () {
    this.back = () => { if (location.pathname !== PAGE) location.reload() }
    this.querySelector('[data-again]').onclick = this.back
    window.addEventListener('online', this.back)
    this.timer = setInterval(() => this.look(), AGAIN)
  }

  disconnectedCallback () {
    clearInterval(this.timer)
    window.removeEventListener('online', this.back)
  }

  async look () {
    if (document.hidden || location.pathname === PAGE) return
    try {
      await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout?.(AGAIN) })
      this.back()
    } catch { /* still away */ }
  }
}
customElements.define('visit-away', VisitAway)
