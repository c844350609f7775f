// Seconds until something ends, as the server counted them, going on here. At the end the element
// tells those around it by the event time-over.
class TimeLeft extends HTMLElement {
  connectedCallback () {
    const end = performance.now() + Number(this.dataset.seconds) * 1000
    const draw = () => {
      const s = Math.max(0, Math.ceil((end - performance.now()) / 1000))
      const text = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
      if (this.textContent !== text) this.textContent = text
      this.toggleAttribute('data-soon', s <= 60)
      if (s > 0 || this.over) return
      this.over = true
      this.dispatchEvent(new CustomEvent('time-over', { bubbles: true }))
    }
    this.timer = setInterval(draw, 250)
    draw()
  }

  disconnectedCallback () { clearInterval(this.timer) }
}
customElements.define('time-left', TimeLeft)
