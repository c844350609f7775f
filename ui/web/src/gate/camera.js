// The camera of the device, which goes on reading. A text that stays in the picture is read once.
import { body } from './ticket.js'

const AGAIN = 2500 // ms after which the same text is taken again
const SHARP = 720 // dots across what is looked at: codes of several tickets are fine

// middle is the part of a picture that is looked at: a square in its middle.
function middle (video) {
  const side = Math.round(Math.min(video.videoWidth, video.videoHeight) * 0.8)
  const size = Math.min(side, SHARP)
  return {
    x: Math.round((video.videoWidth - side) / 2),
    y: Math.round((video.videoHeight - side) / 2),
    width: side, height: side, downScaledWidth: size, downScaledHeight: size,
  }
}

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
        calculateScanRegion: middle,
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
    const seen = body(text) // its digits may change while it is held there
    const same = seen === this.last.text && now - this.last.at < AGAIN
    this.last = { text: seen, at: now }
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
