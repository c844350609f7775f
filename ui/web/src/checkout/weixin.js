// WeChat's own browser has a bridge to its wallet. Elsewhere the page explains what to do, and
// this does nothing.
class PayWeixin extends HTMLElement {
  connectedCallback () {
    this.button = this.querySelector('button')
    this.call = () => this.pay()
    this.button.addEventListener('click', this.call)
    if (window.WeixinJSBridge) this.pay()
    else document.addEventListener('WeixinJSBridgeReady', this.call, { once: true })
  }

  disconnectedCallback () { document.removeEventListener('WeixinJSBridgeReady', this.call) }

  pay () {
    if (!window.WeixinJSBridge) return
    this.button.hidden = false
    this.querySelector('[data-elsewhere]').hidden = true
    // Only the order itself tells how the payment ended, whatever the bridge says.
    window.WeixinJSBridge.invoke('getBrandWCPayRequest', JSON.parse(this.dataset.params),
      () => document.querySelector('pay-live')?.look())
  }
}
customElements.define('pay-weixin', PayWeixin)
