// The page of a gate: the camera, the verdict, the state of the line. Without a script the form for
// typed codes still works.
import { Camera } from './camera.js'
import { Desk } from './desk.js'
import { play, wake } from './sound.js'
import { nowhere, open } from './store.js'
import { split } from './ticket.js'
import { buzz } from '../theme/buzz.js'

const GOOD = 2200 // ms for which a good verdict is shown
const UNITS = ['', 'adult', 'junior', 'child', 'senior', 'infant']

class GateDesk extends HTMLElement {
  async connectedCallback () {
    this.texts = JSON.parse(this.dataset.texts)
    this.tongue = document.documentElement.lang
    this.piece = name => this.querySelector(`[data-${name}]`)
    this.hidden = false
    this.listen()
    this.desk = new Desk(await open().catch(nowhere))
    this.desk.addEventListener('change', () => this.state())
    this.desk.addEventListener('ended', () => location.reload())
    // What waits to be uploaded is not to be dropped when the phone is full.
    navigator.storage?.persist?.().catch(() => {})
    this.camera = new Camera(this.querySelector('video'), text => this.seen(text),
      name => this.finder(name))
    this.camera.start().then(has => { this.piece('light').hidden = !has?.light })
    await this.desk.begin(this.dataset.device)
    this.timer = setInterval(() => this.state(), 15_000)
  }

  listen () {
    document.addEventListener('pointerdown', wake)
    this.form = this.querySelector('form[data-typed]')
    this.form.addEventListener('submit', event => {
      event.preventDefault()
      const field = this.form.elements.code
      const text = field.value.trim()
      if (text) this.scan({ text, typed: true })
      field.value = ''
      field.blur()
    })
    this.piece('light').onclick = async event => {
      event.currentTarget.setAttribute('aria-pressed', await this.camera.light())
    }
    this.piece('next').onclick = () => this.close()
    this.piece('override').onclick = () => this.piece('reasons').toggleAttribute('hidden')
    for (const button of this.querySelectorAll('[data-because]')) {
      button.onclick = () => this.overrule(button.textContent.trim())
    }
    this.piece('other').addEventListener('submit', event => {
      event.preventDefault()
      const why = event.target.elements.why.value.trim()
      if (why) this.overrule(why)
    })
    // A scanner that types ends with Enter, wherever the focus is.
    let typed = ''
    let last = 0
    document.addEventListener('keydown', event => {
      if (event.target.matches('input') || event.ctrlKey || event.metaKey) return
      if (event.timeStamp - last > 300) typed = ''
      last = event.timeStamp
      if (event.key === 'Enter' && typed.length >= 16) {
        event.preventDefault()
        this.scan({ text: typed })
        typed = ''
      } else if (event.key.length === 1) typed += event.key
    })
  }

  t (key, values = {}) {
    return (this.texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '')
  }

  kind () { return this.form.elements.kind.value }

  finder (name) {
    this.piece('status').textContent = this.t(`camera.${name}`)
    this.piece('finder').dataset.state = name
  }

  // seen takes what the camera reads, but not while somebody is about to be let in all the same.
  seen (text) {
    if (this.piece('reasons').hidden) this.scan({ text })
  }

  // scan takes what was read or typed: one ticket, or several of people who come together.
  async scan ({ text, ...more }) {
    const texts = more.typed ? [text] : split(text)
    await this.judge(texts, { ...more, kind: more.kind ?? this.kind() })
  }

  async judge (texts, more) {
    if (this.busy) return
    this.busy = true
    let all
    try {
      all = await this.desk.together(texts, more)
    } catch {
      all = [{ broken: true, admitted: false, kind: more.kind, at: Date.now() }]
    } finally {
      this.busy = false
    }
    // Who was refused may be let in all the same; the others are in.
    this.again = { texts: texts.filter((_, i) => this.desk.overridable(all[i]?.reason)), more }
    if (all.length > 1) this.show(joined(all), all)
    else this.show(all[0])
  }

  overrule (why) {
    this.piece('reasons').hidden = true
    // One printable line: the network takes no other.
    const line = why.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').slice(0, 200).trim()
    if (line) this.judge(this.again.texts, { ...this.again.more, override: line })
  }

  // show fills the verdict: colour, shape, word, tone. Of several people the word is about all, and
  // below it stands a line for each.
  show (v, all = []) {
    const box = this.piece('verdict')
    const good = v.admitted
    const warn = good && (v.override || v.claims?.length)
    box.className = `verdict ${good ? warn ? 'good wait' : 'good' : 'stop'}`
    for (const shape of box.querySelectorAll('[data-shape]')) {
      shape.hidden = shape.dataset.shape !== (good ? warn ? 'look' : 'tick' : 'stop')
    }
    const say = v.unready ? 'unready' : v.broken ? 'broken' : good ? v.kind : v.reason
    const word = v.some ? this.t('some', { in: v.some, of: all.length }) : this.t(`verdict.${say}`)
    this.put('word', word)
    this.put('what', all.length ? '' : v.label ?? this.named(v.product))
    this.put('unit', all.length ? '' : this.unit(v))
    this.people(all)
    this.put('party', this.party(v, all, good))
    this.put('why', this.because(v))
    this.put('claims', (v.claims ?? []).map(c => this.claim(c)).join(' · '))
    this.put('alone', v.offline ? this.t('alone') : '')
    this.piece('override').hidden = good || v.unready || !this.again.texts.length
    this.piece('reasons').hidden = true
    box.hidden = false
    this.dataset.verdict = good ? 'good' : 'stop'
    document.getElementById('say').textContent = word
    play(good && !warn)
    buzz(good ? 60 : 300)
    clearTimeout(this.closing)
    if (good && !warn) this.closing = setTimeout(() => this.close(), GOOD)
    else this.piece('next').focus({ preventScroll: true })
  }

  unit (v) {
    const unit = typeof v.unit === 'number' ? UNITS[v.unit] : v.unit
    return unit ? this.t(`unit.${unit}`) : ''
  }

  // party is how many have entered of those who bought together, or how many may of those who are
  // here.
  party (v, all, good) {
    if (v.of > Math.max(1, all.length)) return this.t('party', { in: v.in, of: v.of })
    return all.length && good ? this.t('some', { in: all.length, of: all.length }) : ''
  }

  // people are the lines of those who come together: who, and whether they may.
  people (all) {
    const list = this.piece('people')
    list.hidden = !all.length
    list.replaceChildren(...all.map(v => {
      const line = document.createElement('li')
      line.className = v.admitted ? 'in' : 'out'
      const why = v.admitted ? '' : this.t(`verdict.${v.unready ? 'unready' : v.reason}`)
      line.textContent = [this.unit(v), why].filter(Boolean).join(': ')
      return line
    }))
  }

  put (name, text) {
    const part = this.piece(name)
    part.textContent = text ?? ''
    part.hidden = !text
  }

  close () {
    clearTimeout(this.closing)
    this.piece('verdict').hidden = true
    delete this.dataset.verdict
  }

  named (product) {
    const names = product?.name ?? {}
    return names[this.tongue] ?? names.en ?? names.ja ?? ''
  }

  because (v) {
    if (v.some) return ''
    if (v.override) return this.t('overridden', { why: v.override })
    if (v.unready || v.broken || v.admitted) return ''
    const time = at => this.time(at)
    if (v.reason === 'used' && v.last) {
      const at = typeof v.last === 'number' ? v.last : v.last.at
      const gate = v.last.gate ? ` · ${v.last.gate}` : ''
      return this.t('since', { time: time(at) }) + gate
    }
    return this.t(`because.${v.reason}`)
  }

  claim (text) {
    const [what] = text.split(':')
    return this.texts[`claim.${what}`] ?? text
  }

  time (at) {
    return new Date(at).toLocaleTimeString(this.tongue, {
      timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit',
    })
  }

  // state says what the line and the pack are like.
  state () {
    const { desk } = this
    const waiting = desk.waiting().length
    const away = desk.since > 0
    const line = this.piece('line')
    line.hidden = !away && waiting === 0
    line.dataset.line = away ? 'down' : 'back'
    const parts = [away ? this.t('line.down', { time: this.time(desk.since + desk.offset) }) : '']
    if (waiting) parts.push(this.t(waiting === 1 ? 'kept.one' : 'kept.other', { n: waiting }))
    const stuck = waiting - desk.due().length
    if (stuck && desk.pack) parts.push(this.t('kept.stuck', { n: stuck }))
    this.put('linetext', parts.filter(Boolean).join(' · '))
    const { pack } = desk
    this.put('packed', pack
      ? this.t('packed', { time: this.time(pack.clock), n: desk.tickets.size })
      : this.t('packed.none'))
    const unkept = desk.full || desk.store.nowhere
    if (unkept) this.put('packed', this.t('packed.unkept'))
    this.piece('packed').classList.toggle('bad', unkept || !desk.ready())
    const day = desk.now() - 16 * 60 * 60 * 1000
    const here = desk.scans.filter(s => s.at + s.offset > day && s.admitted)
    const count = kind => here.filter(s => s.kind === kind).length
    this.put('count', this.t('count', { in: count('entry'), out: count('exit') }))
    this.dataset.state = away ? 'alone' : 'online'
  }
}
// joined is the verdict on several people: good when all of them may.
function joined (all) {
  const some = all.filter(v => v.admitted).length
  const most = name => Math.max(0, ...all.map(v => v[name] ?? 0))
  const bad = all.find(v => !v.admitted)
  return {
    ...(bad ?? all[0]), some: bad ? some : 0, of: bad ? 0 : most('of'), in: most('in'),
    claims: [...new Set(all.flatMap(v => v.claims ?? []))],
    override: all.find(v => v.override)?.override ?? '',
    offline: all.some(v => v.offline),
  }
}

customElements.define('gate-desk', GateDesk)

if ('serviceWorker' in navigator && window.isSecureContext) {
  navigator.serviceWorker.register('/gate/worker.js', { scope: '/gate/' })
    .then(() => navigator.serviceWorker.ready)
    .then(r => r.active?.postMessage('keep'))
    .catch(() => {})
}
