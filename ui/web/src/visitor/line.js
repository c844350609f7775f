// The line under the head: it says that there is no connection, and of when a page is that the
// service worker had kept.
class VisitLine extends HTMLElement {
  connectedCallback () {
    this.looks = () => this.look()
    window.addEventListener('online', this.looks)
    window.addEventListener('offline', this.looks)
    this.look()
  }

  disconnectedCallback () {
    window.removeEventListener('online', this.looks)
    window.removeEventListener('offline', this.looks)
  }

  look () {
    const { kept } = document.documentElement.dataset
    const say = kept ? 'kept' : navigator.onLine ? '' : 'offline'
    for (const part of this.querySelectorAll('[data-say]')) part.hidden = part.dataset.say !== say
    if (kept) {
      const time = this.querySelector('[data-kept]')
      time.dateTime = kept
      time.textContent = new Date(kept).toLocaleString(document.documentElement.lang, {
        timeZone: 'Asia/Tokyo', month: 'numeric', day: 'numeric',
        hour: '2-digit', minute: '2-digit',
      })
    }
    this.hidden = !say
  }
}
customElements.define('visit-line', VisitLine)
if (document.documentElement.dataset.kept) document.dispatchEvent(new Event('visit-kept'))
