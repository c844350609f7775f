// What a simulated wallet's phone scans: a shop's code before the camera, or in a photo. The
// reader of codes is fetched only on this page; without it the text can be pasted.
import { buzz } from '../theme/buzz.js'

class PhoneScan extends HTMLElement {
  connectedCallback () {
    this.form = this.querySelector('form')
    if (!this.form) return
    this.text = this.form.elements.code_text
    this.finder = this.querySelector('[data-finder]')
    this.video = this.querySelector('video')
    const photo = this.querySelector('[data-photo]')
    photo.hidden = false
    photo.addEventListener('change', event => this.photo(event.target))
    this.finder.hidden = false
    this.start()
  }

  disconnectedCallback () {
    this.scanner?.destroy()
    this.scanner = null
  }

  status (name) {
    const text = this.querySelector(`template[data-say=${name}]`)
    this.querySelector('[data-status]').textContent = text.content.textContent
    this.finder.dataset.state = name
  }

  async start () {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.give('none')
      return
    }
    try {
      const { default: QrScanner } = await import('qr-scanner')
      if (!this.isConnected) return
      this.scanner = new QrScanner(this.video, result => this.found(result.data), {
        returnDetailedScanResult: true,
        preferredCamera: 'environment',
        maxScansPerSecond: 10,
        onDecodeError: () => {},
      })
      this.scanner.setInversionMode('both')
      await this.scanner.start()
      this.status('ready')
    } catch {
      if (this.isConnected) this.give(await this.blocked() ? 'denied' : 'none')
    }
  }

  // give says that there is no camera, and leaves its place to the text.
  give (name) {
    this.status(name)
    this.video.hidden = true
    this.finder.classList.add('blind')
  }

  // blocked tells a camera that may not be used from one that is not there.
  async blocked () {
    try {
      const devices = await navigator.mediaDevices.enumerateDevices()
      return devices.some(d => d.kind === 'videoinput')
    } catch {
      return true
    }
  }

  found (code) {
    if (this.done) return
    this.done = true
    this.scanner?.stop()
    this.status('found')
    buzz(40)
    this.text.value = code
    this.form.requestSubmit()
  }

  async photo (input) {
    const [file] = input.files
    input.value = ''
    if (!file) return
    try {
      const { default: QrScanner } = await import('qr-scanner')
      const result = await QrScanner.scanImage(file, { returnDetailedScanResult: true })
      this.found(result.data)
    } catch {
      this.status('nothing')
    }
  }
}
customElements.define('phone-scan', PhoneScan)
