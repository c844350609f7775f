// The customer's code: by the camera, from a photo, or from a scanner that types. The reader is
// fetched only when this screen is opened.
import { buzz } from '../theme/buzz.js'

// Nothing else is typed on this screen outside its field, so that a slow scanner on a busy phone
// may take its time between two characters, in ms.
const QUICK = 300

class TillScan extends HTMLElement {
  connectedCallback () {
    this.form = this.querySelector('form')
    this.input = this.form.elements.code
    this.finder = this.querySelector('[data-finder]')
    this.video = this.querySelector('video')
    this.typed = ''
    this.keys = event => this.key(event)
    document.addEventListener('keydown', this.keys)
    const photo = this.querySelector('[data-photo]')
    photo.hidden = false
    photo.addEventListener('change', event => this.photo(event.target))
    this.querySelector('[data-light]').onclick = () => this.light()
    this.querySelector('[data-turn]').onclick = () => this.turn()
    this.finder.hidden = false
    this.start()
  }

  disconnectedCallback () {
    document.removeEventListener('keydown', this.keys)
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
      this.status(window.isSecureContext ? 'none' : 'insecure')
      return
    }
    try {
      const { default: QrScanner } = await import('qr-scanner')
      if (!this.isConnected) return
      this.scanner = new QrScanner(this.video, result => this.found(result.data), {
        returnDetailedScanResult: true,
        preferredCamera: 'environment',
        maxScansPerSecond: 15,
        onDecodeError: () => {},
      })
      this.scanner.setInversionMode('both')
      await this.scanner.start()
      this.status('ready')
      this.querySelector('[data-light]').hidden = !await this.scanner.hasFlash()
      this.cameras = await QrScanner.listCameras()
      this.querySelector('[data-turn]').hidden = this.cameras.length < 2
    } catch {
      if (!this.isConnected) return
      this.status(await this.blocked() ? 'denied' : 'none')
    }
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

  async light () {
    await this.scanner.toggleFlash()
    this.querySelector('[data-light]').setAttribute('aria-pressed', this.scanner.isFlashOn())
  }

  async turn () {
    this.camera = ((this.camera ?? 0) + 1) % this.cameras.length
    await this.scanner.setCamera(this.cameras[this.camera].id)
  }

  found (code) {
    if (this.done) return
    this.done = true
    this.scanner?.stop()
    this.status('found')
    buzz(40)
    this.input.value = code
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

  // key collects what a scanner types, wherever the focus is, until it presses Enter.
  key (event) {
    if (event.target === this.input || event.ctrlKey || event.metaKey || event.altKey) return
    if (document.querySelector('dialog[open]')) return
    if (event.timeStamp - (this.last ?? 0) > QUICK) this.typed = ''
    this.last = event.timeStamp
    if (event.key === 'Enter' && this.typed.length >= 6) {
      event.preventDefault()
      this.found(this.typed)
    } else if (event.key.length === 1) this.typed += event.key
  }
}
customElements.define('till-scan', TillScan)
