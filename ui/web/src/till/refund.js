// A part of a refund: typing an amount chooses it.
class TillRefund extends HTMLElement {
  connectedCallback () {
    const some = this.querySelector('input[value=some]')
    const amount = this.querySelector('input[name=amount]')
    amount.addEventListener('input', () => { some.checked = true })
    this.addEventListener('change', () => { if (some.checked) amount.focus() })
  }
}
customElements.define('till-refund', TillRefund)
