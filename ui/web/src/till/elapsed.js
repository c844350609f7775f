// Seconds since something began, as the server counted them, going on here.
class TillElapsed extends HTMLElement {
  connectedCallback () {
    const began = performance.now() - Number(this.dataset.seconds) * 1000
    const draw = () => {
      const s = Math.floor((performance.now() - began) / 1000)
      const text = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
      if (this.textContent !== text) this.textContent = text
    }
    this.timer = setInterval(draw, 250)
  }

  disconnectedCallback () { clearInterval(this.timer) }
}
customElements.define('till-elapsed', TillElapsed)
