// <console-live> is a part of a page that is fetched anew by itself: every so many seconds, and
// when a stream of events says so. What somebody is typing into, or has opened, is left alone.
const PAUSE = 400 // ms between two fetches that a stream asks for

class ConsoleLive extends HTMLElement {
  connectedCallback () {
    const seconds = Number(this.getAttribute('seconds'))
    if (seconds > 0) this.timer = setInterval(() => this.renew(), seconds * 1000)
    const stream = this.getAttribute('stream')
    if (stream) {
      this.source = new EventSource(stream)
      this.source.onmessage = () => this.soon()
      this.source.addEventListener('change', () => this.soon())
      this.source.onopen = () => { if (this.lost) this.soon(); this.lost = false }
      this.source.onerror = () => { this.lost = true }
    }
    this.seen = () => { if (!document.hidden) this.renew() }
    document.addEventListener('visibilitychange', this.seen)
  }

  disconnectedCallback () {
    clearInterval(this.timer)
    clearTimeout(this.waiting)
    this.source?.close()
    document.removeEventListener('visibilitychange', this.seen)
  }

  // soon renews once for all that happens within a moment, however much goes on happening.
  soon () {
    this.waiting ??= setTimeout(() => {
      this.waiting = undefined
      this.renew()
    }, PAUSE)
  }

  async renew () {
    if (this.busy) this.missed = true
    if (this.busy || document.hidden || !this.id) return
    if (this.contains(document.activeElement) &&
      document.activeElement.matches('input, select, textarea')) return
    this.busy = true
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' } })
      if (answer.redirected || answer.status === 401) return location.reload()
      if (!answer.ok) throw new Error(answer.statusText)
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const fresh = page.getElementById(this.id)
      if (fresh) this.take(fresh)
      else location.reload() // what was waited for is over: the page is another one
      offline(false)
    } catch {
      offline(true)
    } finally {
      this.busy = false
      if (this.missed) this.soon()
      this.missed = false
    }
  }

  // take puts the fresh part in place of this one, with what was opened still open and the focus
  // where it was.
  take (fresh) {
    if (fresh.innerHTML === this.innerHTML) return
    const all = [...this.querySelectorAll('details')]
    const open = new Set(all.flatMap((d, i) => d.open ? [i] : []))
    const links = (root) => [...root.querySelectorAll('a, button, summary')]
    const focus = links(this).indexOf(document.activeElement)
    this.replaceChildren(...[...fresh.childNodes].map((n) => document.importNode(n, true)))
    this.querySelectorAll('details').forEach((d, i) => { if (open.has(i)) d.open = true })
    if (focus >= 0) links(this)[focus]?.focus({ preventScroll: true })
    this.dispatchEvent(new CustomEvent('console:fresh', { bubbles: true }))
    if (!fresh.hasAttribute('seconds')) clearInterval(this.timer)
  }
}
customElements.define('console-live', ConsoleLive)

// offline shows or hides that the server does not answer.
function offline (is) {
  document.body.toggleAttribute('data-offline', is)
}
window.addEventListener('offline', () => offline(true))
window.addEventListener('online', () => offline(false))
