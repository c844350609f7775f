// The camera of the device, which goes on reading. A text that stays in the picture is read once.
const AGAIN = 2500 // ms after which the same text is taken again

export class Camera {
  constructor (video, found, say) {
    this.video = video
    this.found = found
    this.say = say
    this.last = { text: '', at: 0 }
  }

  async start () {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.say(window.isSecureContext ? 'none' : 'insecure')
      return
    }
    try {
      const { default: QrScanner } = await import('qr-scanner')
      this.scanner = new QrScanner(this.video, result => this.read(result.data), {
        returnDetailedScanResult: true,
        preferredCamera: 'environment',
        maxScansPerSecond: 15,
        onDecodeError: () => {},
      })
      this.scanner.setInversionMode('both')
      await this.scanner.start()
      this.say('ready')
      return { light: await this.scanner.hasFlash() }
    } catch {
      this.say('denied')
    }
  }

  read (text) {
    const now = performance.now()
    const same = text === this.last.text && now - this.last.at < AGAIN
    this.last = { text, at: now }
    if (!same && text) this.found(text)
  }

  async light () {
    await this.scanner.toggleFlash()
    return this.scanner.isFlashOn()
  }

  pause (yes) {
    if (yes) this.scanner?.pause()
    else this.scanner?.start().catch(() => this.say('denied'))
  }
}
