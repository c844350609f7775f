// The amount pad: large keys, the keyboard, and thousands separated while they are typed.
import { buzz } from './buzz.js'

const QUICK = 35 // ms between two characters of a scanner that types
const grouped = digits => digits.replace(/\B(?=(\d{3})+$)/g, ',')
const narrow = text => text.normalize('NFKC')

class AmountPad extends HTMLElement {
  connectedCallback () {
    this.input = this.querySelector('input[name=amount]')
    this.mistakes = this.querySelector('.mistakes')
    this.max = Number(this.dataset.max)
    this.digits = this.plain(this.input.value)
    this.burst = 0
    this.input.inputMode = 'none'
    this.addEventListener('click', this)
    this.addEventListener('submit', this)
    this.input.addEventListener('input', this)
    this.keys = event => this.key(event)
    document.addEventListener('keydown', this.keys)
    this.draw()
  }

  disconnectedCallback () { document.removeEventListener('keydown', this.keys) }

  plain (text) { return narrow(text).replace(/\D/g, '').replace(/^0+/, '') }

  handleEvent (event) {
    if (event.type === 'input') this.set(this.plain(this.input.value))
    else if (event.type === 'submit') this.input.value = this.digits
    else this.press(event.target.closest('[data-key]')?.dataset.key)
  }

  press (key) {
    if (!key) return
    if (key === 'back') this.set(this.digits.slice(0, -1))
    else if (key === 'clear') this.set('')
    else this.set((this.digits + key).replace(/^0+/, ''))
    buzz(8)
  }

  // key takes the keyboard wherever the focus is, so that nobody has to aim first.
  key (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (document.querySelector('dialog[open]')) return
    const elsewhere = event.target.closest?.('input, select, textarea, a, button:not([data-key])')
    if (elsewhere && elsewhere !== this.input && event.key === 'Enter') return
    const key = narrow(event.key)
    if (/^[0-9]$/.test(key)) {
      this.time(event)
      this.press(key)
    } else if (key === 'Backspace') this.press('back')
    else if (key === 'Escape' || key === 'Delete') this.press('clear')
    else if (key === 'Enter') {
      event.preventDefault()
      if (this.burst >= 14 && this.dataset.code) this.unscan()
      else this.querySelector('form').requestSubmit()
      return
    } else return
    event.preventDefault()
  }

  // time notices a scanner, which types faster than anybody. What it types is no amount, where the
  // page has words for that (data-code).
  time (event) {
    if (!this.burst || event.timeStamp - this.last > QUICK) {
      this.burst = 0
      this.before = this.digits
    }
    this.last = event.timeStamp
    this.burst++
  }

  unscan () {
    this.burst = 0
    this.set(this.before)
    this.tell(this.dataset.code)
  }

  set (digits) {
    this.tell(digits.length > this.max ? this.dataset.long : '')
    this.digits = digits.slice(0, this.max)
    this.draw()
  }

  tell (text) {
    this.mistakes.replaceChildren()
    this.input.toggleAttribute('aria-invalid', Boolean(text))
    if (text) this.input.setAttribute('aria-invalid', 'true')
    if (!text) return
    const line = document.createElement('p')
    line.className = 'mistake'
    line.textContent = text
    this.mistakes.append(line)
  }

  draw () {
    const text = grouped(this.digits)
    if (this.input.value !== text) this.input.value = text
    this.input.dataset.length = text.length > 13 ? 'long' : text.length > 9 ? 'middle' : 'short'
  }
}
customElements.define('amount-pad', AmountPad)
