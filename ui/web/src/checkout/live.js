// A page whose order is not settled hears from the server when something happened to it, looks
// again, and shows what it finds. Without a line it looks now and then by itself.
const AGAIN = 10000 // ms
const PATIENCE = 4000 // ms without a line before the payer is told

class PayLive extends HTMLElement {
  connectedCallback () {
    this.listen()
    this.looks = () => this.look()
    this.timer = setInterval(this.looks, AGAIN)
    document.addEventListener('time-over', this.looks)
    document.addEventListener('visibilitychange', this.looks)
    window.addEventListener('online', this.looks)
  }

  disconnectedCallback () {
    clearInterval(this.timer)
    clearTimeout(this.mute)
    this.source?.close()
    document.removeEventListener('time-over', this.looks)
    document.removeEventListener('visibilitychange', this.looks)
    window.removeEventListener('online', this.looks)
  }

  listen () {
    this.source = new EventSource(this.dataset.events)
    this.source.addEventListener('change', this.look.bind(this))
    this.source.addEventListener('open', () => {
      this.down(false)
      if (this.lost) this.look()
      this.lost = false
    })
    this.source.addEventListener('error', () => {
      this.lost = true
      this.mute ??= setTimeout(() => this.down(!navigator.onLine), PATIENCE)
    })
  }

  down (is) {
    clearTimeout(this.mute)
    this.mute = null
    document.getElementById('line').hidden = !is
  }

  async look () {
    if (document.hidden || this.looking) return
    this.looking = true
    try {
      const response = await fetch(this.dataset.url, { headers: { Accept: 'text/html' } })
      if (response.status >= 500 || response.status === 429) return
      const page = new DOMParser().parseFromString(await response.text(), 'text/html')
      const now = document.getElementById('screen')
      const then = page.getElementById('screen')
      this.down(false)
      if (!this.isConnected || !then || then.dataset.stage === now.dataset.stage) return
      now.replaceWith(document.adoptNode(then))
      document.title = page.title
      document.getElementById('say').textContent = then.dataset.say ?? ''
      window.scrollTo(0, 0)
      then.focus({ preventScroll: true })
    } catch {
      this.down(!navigator.onLine)
    } finally {
      this.looking = false
    }
  }
}
customElements.define('pay-live', PayLive)
