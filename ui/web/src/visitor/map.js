// The map of a park: it is moved and made larger by its viewBox, its signs keep their size, names
// stand where there is room, and filters hide signs and lines of the list alike. What is touched is
// looked at without leaving the page. Without this script it is a picture with links.
import { followWaits } from './live-waits.js'
import { address, fetched, sketch } from './map-choose.js'
import { settle, thin } from './map-labels.js'
import { around, clamp, fit, home, pinch, between, zoomAt } from './map-view.js'

const SHORT = 20 // minutes
const FAR = 1.25 // metres a pixel, from which on only what most people look for is shown
// Names are shown from so many metres a pixel on.
const NAMED = [['.ride, .gate, .chosen', 9], ['.ticket_counter, .restaurant, .shop', 0.95],
  ['.mark', 0.55]]
const FINGER = 26 // pixels around a sign that count as a touch of it
const STILL = 6 // pixels that a finger may move in a touch
const GLIDE = 260 // ms from one view to another

class ParkMap extends HTMLElement {
  connectedCallback () {
    this.svg = this.querySelector('svg.ground')
    this.box = this.querySelector('.parkmap')
    if (!this.svg) return
    this.whole = { w: Number(this.box.dataset.width), h: Number(this.box.dataset.height) }
    this.marks = [...this.querySelectorAll('.mark')]
    this.lines = [...this.querySelectorAll('.maplist li[data-code]')]
    this.pointers = new Map()
    this.pen = document.createElement('canvas').getContext('2d')
    this.asked = 0
    this.svg.classList.add('live')
    this.drags()
    this.zooms()
    this.filters()
    this.chooses()
    this.locates()
    this.start()
    new ResizeObserver(() => this.start()).observe(this.box)
    followWaits(() => this.heard())
    this.heard()
    this.asks()
  }

  // asks looks at the point of the address on a page that was kept without it.
  asks () {
    const asked = new URL(location.href).searchParams
    const line = this.lines.find(({ dataset: d }) => d.code === asked.get('at') ||
      d.queue && d.queue === asked.get('queue'))
    if (line && !this.querySelector('#chosen')) this.look(line.dataset.code)
  }

  // heard takes in waits that changed.
  heard () {
    for (const tag of this.querySelectorAll('.tag')) {
      const half = 7 + Math.ceil(3.5 * tag.querySelector('text').textContent.length)
      const rect = tag.querySelector('rect')
      rect.setAttribute('x', -half)
      rect.setAttribute('width', 2 * half)
    }
    this.sift()
    this.best()
  }

  // start shows what is looked at, or the map as one begins with it.
  start () {
    const { width, height } = this.box.getBoundingClientRect()
    if (!width) return
    this.size = { w: width, h: height }
    this.view = this.view ? { ...this.view } : this.aim() ?? home(this.whole, this.size)
    this.show(clamp(this.view, this.whole, this.size))
  }

  // aim is the view of the chosen sign and of the way to it; null when none is chosen.
  aim () {
    const chosen = this.querySelector('.mark.chosen')
    if (!chosen) return null
    const at = this.at(chosen)
    const way = this.svg.querySelector('path.way')
    const box = way ? way.getBBox() : { x: at.x, y: at.y, width: 0, height: 0 }
    return clamp(around(box, this.size), this.whole, this.size)
  }

  // at is where a sign stands, in metres.
  at (mark) {
    const [x, y] = mark.getAttribute('transform').match(/-?[\d.]+/g).map(Number)
    return { x, y }
  }

  show (view) {
    this.view = view
    const { x, y, w, h } = view
    this.svg.setAttribute('viewBox', `${x} ${y} ${w} ${h}`)
    this.metres = w / this.size.w // a pixel
    if (Math.abs(this.metres / this.settled - 1) < 0.02) return
    const scale = this.metres.toFixed(4)
    for (const m of this.marks) m.lastElementChild.setAttribute('transform', `scale(${scale})`)
    for (const t of this.svg.querySelectorAll('.area, .here')) {
      t.firstElementChild.setAttribute('transform', `scale(${scale})`)
    }
    this.settle()
  }

  // glide goes to a view, so that people see where it is.
  glide (to) {
    cancelAnimationFrame(this.gliding)
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return this.show(to)
    const from = this.view
    const begun = performance.now()
    const step = now => {
      const part = Math.min(1, (now - begun) / GLIDE)
      this.show(clamp(between(from, to, part), this.whole, this.size))
      if (part < 1) this.gliding = requestAnimationFrame(step)
    }
    this.gliding = requestAnimationFrame(step)
  }

  // settle hides signs that have no room, and finds a place for the names of the others.
  settle () {
    this.settled = this.metres
    const far = this.metres > FAR && !this.sifted
    const wanted = this.marks.filter(m => !m.classList.contains('out')).reverse()
      .filter(m => !far || m.matches('.ride, .gate, .chosen'))
      .sort((a, b) => b.matches('.chosen') - a.matches('.chosen'))
      .map(mark => {
        const { x, y } = this.at(mark)
        const tag = Number(mark.querySelector('.tag rect')?.getAttribute('width') ?? 0)
        const named = NAMED.some(([kinds, from]) => this.metres < from && mark.matches(kinds))
        return { mark, x: x / this.metres, y: y / this.metres, tag,
          width: named || this.sifted ? this.wide(mark) : 0,
          always: mark.matches('.chosen, .ride') }
      })
    const kept = thin(wanted)
    const sides = settle(kept)
    const shown = new Map(kept.map((s, i) => [s.mark, sides[i]]))
    for (const mark of this.marks) {
      mark.classList.toggle('hid', !shown.has(mark))
      mark.dataset.side = shown.get(mark) ?? ''
    }
  }

  // wide is the width of a sign's name, in pixels.
  wide (mark) {
    const name = mark.querySelector('.name')
    if (!name) return 0
    if (!name.wide) {
      const { fontWeight, fontSize, fontFamily } = getComputedStyle(name)
      this.pen.font = `${fontWeight} ${fontSize} ${fontFamily}`
      name.wide = Math.ceil(this.pen.measureText(name.textContent).width) + 4
    }
    return name.wide
  }

  drags () {
    const { svg, pointers } = this
    svg.addEventListener('pointerdown', event => {
      cancelAnimationFrame(this.gliding)
      pointers.set(event.pointerId, this.point(event))
      this.moved = 0
    })
    svg.addEventListener('pointermove', event => {
      const was = pointers.get(event.pointerId)
      if (!was) return
      const now = this.point(event)
      const before = [...pointers.values()]
      pointers.set(event.pointerId, now)
      this.moved += Math.hypot(now.x - was.x, now.y - was.y)
      if (this.moved < STILL) return
      if (!svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId)
      this.show(clamp(pinch(this.view, this.size, before, [...pointers.values()]),
        this.whole, this.size))
    })
    for (const end of ['pointerup', 'pointercancel', 'pointerleave']) {
      svg.addEventListener(end, event => pointers.delete(event.pointerId))
    }
    svg.addEventListener('wheel', event => {
      event.preventDefault()
      this.zoom(Math.exp(-event.deltaY / 300), this.point(event))
    }, { passive: false })
  }

  point (event) {
    const { left, top } = this.svg.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }

  zoom (by, at = { x: this.size.w / 2, y: this.size.h / 2 }) {
    this.show(clamp(zoomAt(this.view, this.size, at, by), this.whole, this.size))
  }

  zooms () {
    const bar = this.querySelector('.zoom')
    bar.hidden = false
    bar.addEventListener('click', event => {
      const what = event.target.closest('[data-zoom]')?.dataset.zoom
      if (what === 'in') this.zoom(1.6)
      if (what === 'out') this.zoom(1 / 1.6)
      if (what === 'all') this.glide(fit(this.whole, this.size))
    })
  }

  filters () {
    const form = this.querySelector('.mapfilters')
    form.hidden = false
    form.addEventListener('input', () => {
      this.sift()
      this.gather()
    })
    form.addEventListener('submit', event => {
      event.preventDefault()
      document.activeElement?.blur() // the keys go away, and what was found is seen
    })
  }

  // sift hides what the filters do not let through.
  sift () {
    const form = this.querySelector('.mapfilters')
    const set = new FormData(form)
    const kinds = set.getAll('kind')
    const text = form.querySelector('input[type=search]').value.trim().toLowerCase()
    const fits = ({ dataset: d }) => {
      const minutes = d.minutes === undefined ? -1 : Number(d.minutes)
      return (!kinds.length || kinds.includes(d.kind)) &&
        (!set.has('mine') || d.mine !== undefined) &&
        (!set.has('level') || d.level !== undefined) &&
        (!set.has('short') || minutes >= 0 && minutes <= SHORT) &&
        (!text || (d.name ?? '').toLowerCase().includes(text))
    }
    const shown = new Set()
    for (const line of this.lines) {
      line.hidden = !fits(line)
      if (!line.hidden) shown.add(line.dataset.code)
    }
    for (const mark of this.marks) {
      mark.classList.toggle('out', !shown.has(mark.dataset.code) &&
        !mark.classList.contains('chosen'))
    }
    for (const part of this.querySelectorAll('.maplist section')) {
      part.hidden = !part.querySelector('li:not([hidden])')
    }
    this.querySelector('[data-none]').hidden = shown.size > 0
    this.sifted = shown.size < this.lines.length
    if (this.size) this.settle()
  }

  // gather goes where what the filters let through is.
  gather () {
    const found = this.marks.filter(m => !m.matches('.out')).map(m => this.at(m))
    if (!this.sifted || !found.length) return
    const [xs, ys] = [found.map(p => p.x), found.map(p => p.y)]
    const box = { x: Math.min(...xs), y: Math.min(...ys) }
    box.width = Math.max(...xs) - box.x
    box.height = Math.max(...ys) - box.y
    this.glide(clamp(around(box, this.size), this.whole, this.size))
  }

  // best names the ride with the shortest wait above the map.
  best () {
    const bar = this.querySelector('.mapbest')
    if (!bar) return
    const rides = this.lines.filter(l => l.dataset.kind === 'ride' && l.dataset.minutes >= 0)
    rides.sort((a, b) => a.dataset.minutes - b.dataset.minutes)
    bar.hidden = !rides.length
    if (!rides.length || bar.dataset.code === rides[0].dataset.code &&
      bar.dataset.minutes === rides[0].dataset.minutes) return
    const [line] = rides
    Object.assign(bar.dataset, { code: line.dataset.code, minutes: line.dataset.minutes })
    bar.href = line.querySelector('a').href
    const name = line.querySelector('strong')
    bar.querySelector('strong').replaceWith(name.cloneNode(true))
    bar.querySelector('.mins').replaceWith(line.querySelector('.mins').cloneNode(true))
  }

  // chooses looks at what is touched, on the map and in the list, without leaving the page.
  chooses () {
    this.svg.addEventListener('click', event => {
      event.preventDefault()
      if (this.moved >= STILL) return
      const mark = event.target.closest('.mark') ?? this.close(this.point(event))
      if (mark) this.choose(mark.dataset.code)
    })
    this.addEventListener('click', event => {
      const link = event.target.closest('a')
      if (!link || this.svg.contains(link) || event.ctrlKey || event.metaKey) return
      const code = link.closest('[data-code]')?.dataset.code
      if (code) this.choose(code)
      else if (link.classList.contains('shut')) this.choose('')
      else if (link.dataset.way !== undefined) this.go(link.href)
      else return
      event.preventDefault()
    })
    window.addEventListener('popstate', () => {
      this.look(new URL(location.href).searchParams.get('at') ?? '')
      this.bring(location.href)
    })
  }

  // close is the sign next to a touched place, when it is close enough.
  close (at) {
    let best = null
    let least = FINGER
    for (const mark of this.marks) {
      if (mark.matches('.out, .hid')) continue
      const { x, y } = this.at(mark)
      const away = Math.hypot((x - this.view.x) / this.metres - at.x,
        (y - this.view.y) / this.metres - at.y)
      if (away < least) {
        best = mark
        least = away
      }
    }
    return best
  }

  choose (code) {
    this.look(code)
    this.go(address(code).href)
  }

  // go brings what the server says of an address of this map.
  go (to) {
    history.pushState(null, '', to)
    return this.bring(to)
  }

  // look marks a sign and shows of it what the list says; "" is none.
  look (code) {
    this.way([])
    for (const m of this.marks) m.classList.toggle('chosen', m.dataset.code === code)
    const line = this.lines.find(l => l.dataset.code === code)
    this.card(line && sketch(line, this.querySelector('.mapbelow').dataset.shut))
    this.sift()
    const to = this.aim()
    if (to) this.glide(to)
  }

  // card puts a card in the place of the one that is there; null takes it away.
  card (card) {
    this.querySelector('#chosen')?.remove()
    this.classList.toggle('looking', Boolean(card))
    if (!card) return
    this.querySelector('.mapbelow').prepend(card)
    card.scrollIntoView({ block: 'nearest' })
  }

  // way draws the way of another drawing.
  way (paths) {
    for (const old of this.svg.querySelectorAll('path.way, .here')) old.remove()
    const first = this.svg.querySelector('.mark')
    for (const p of paths) first.before(document.importNode(p, true))
  }

  async bring (to) {
    const mine = ++this.asked
    const page = await fetched(to)
    if (mine !== this.asked) return
    const card = page?.querySelector('#chosen')
    if (card) {
      this.way(page.querySelectorAll('svg.ground path.way, svg.ground .here'))
      this.card(document.importNode(card, true))
      this.locates()
      this.settled = 0
      this.glide(this.aim())
    } else if (!page && this.querySelector('#chosen')) {
      const said = document.createElement('p')
      said.className = 'hint'
      said.textContent = this.querySelector('.mapbelow').dataset.noline
      this.querySelector('#chosen').append(said)
    }
  }

  // The visitor's place is asked for only when they press the button.
  locates () {
    const button = this.querySelector('[data-locate]')
    if (!button || !navigator.geolocation) return
    button.hidden = false
    const word = button.querySelector('span')
    button.addEventListener('click', () => {
      word.textContent = button.dataset.wait
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        const to = new URL(location.href)
        to.searchParams.set('from', `${coords.longitude.toFixed(5)},${coords.latitude.toFixed(5)}`)
        to.hash = ''
        this.go(to.href)
      }, () => { word.textContent = button.dataset.failed },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 0 })
    })
  }
}
customElements.define('park-map', ParkMap)
