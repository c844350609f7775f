// The map of a park: it is moved and made larger by its viewBox, its signs keep their size, and
// filters hide signs and lines of the list alike. Without this script it is a picture with links.
import { followWaits } from './live-waits.js'
import { clamp, cover, fit, pinch, zoomAt } from './map-view.js'

const SHORT = 20 // minutes

class ParkMap extends HTMLElement {
  connectedCallback () {
    this.svg = this.querySelector('svg.ground')
    this.box = this.querySelector('.parkmap')
    if (!this.svg) return
    this.whole = { w: Number(this.box.dataset.width), h: Number(this.box.dataset.height) }
    this.marks = [...this.querySelectorAll('.mark')]
    this.lines = [...this.querySelectorAll('.maplist li[data-code]')]
    this.pointers = new Map()
    this.drags()
    this.zooms()
    this.filters()
    this.locates()
    this.start()
    new ResizeObserver(() => this.start()).observe(this.box)
    followWaits(() => this.sift?.())
  }

  // start shows the chosen sign with what is around it, or the whole map.
  start () {
    const { width, height } = this.box.getBoundingClientRect()
    if (!width) return
    this.size = { w: width, h: height }
    const chosen = this.querySelector('.mark.chosen')
    this.view ??= chosen ? this.around(chosen) : cover(this.whole, this.size)
    this.view = clamp(this.view, this.whole, this.size)
    this.show()
  }

  around (mark) {
    const [x, y] = mark.getAttribute('transform').match(/-?[\d.]+/g).map(Number)
    const w = Math.min(this.whole.w, 260)
    const h = w * this.size.h / this.size.w
    return { x: x - w / 2, y: y - h / 2, w, h }
  }

  show () {
    const { x, y, w, h } = this.view
    this.svg.setAttribute('viewBox', `${x} ${y} ${w} ${h}`)
    const metres = w / this.size.w // a pixel
    const scale = metres.toFixed(4)
    for (const m of this.marks) m.firstElementChild.setAttribute('transform', `scale(${scale})`)
    this.svg.classList.toggle('far', metres > 1.15)
    this.svg.classList.toggle('near', metres < 0.62)
  }

  drags () {
    const { svg, pointers } = this
    svg.addEventListener('pointerdown', event => {
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
      if (this.moved < 6) return
      if (!svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId)
      this.view = clamp(pinch(this.view, this.size, before, [...pointers.values()]),
        this.whole, this.size)
      this.show()
    })
    for (const end of ['pointerup', 'pointercancel', 'pointerleave']) {
      svg.addEventListener(end, event => pointers.delete(event.pointerId))
    }
    // A drag that ends on a sign does not follow its link.
    svg.addEventListener('click', event => {
      if (this.moved >= 6) event.preventDefault()
    }, true)
    svg.addEventListener('dragstart', event => event.preventDefault())
    svg.addEventListener('wheel', event => {
      event.preventDefault()
      this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, this.point(event))
    }, { passive: false })
  }

  point (event) {
    const { left, top } = this.svg.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }

  zoom (by, at = { x: this.size.w / 2, y: this.size.h / 2 }) {
    this.view = clamp(zoomAt(this.view, this.size, at, by), this.whole, this.size)
    this.show()
  }

  zooms () {
    const bar = this.querySelector('.zoom')
    bar.hidden = false
    bar.addEventListener('click', event => {
      const what = event.target.closest('[data-zoom]')?.dataset.zoom
      if (what === 'in') this.zoom(1.6)
      if (what === 'out') this.zoom(1 / 1.6)
      if (what === 'all') {
        this.view = fit(this.whole, this.size)
        this.show()
      }
    })
  }

  filters () {
    const form = this.querySelector('.mapfilters')
    form.hidden = false
    const none = this.querySelector('[data-none]')
    this.sift = () => {
      const set = new FormData(form)
      const kinds = set.getAll('kind')
      const text = form.querySelector('input[type=search]').value.trim().toLowerCase()
      const fits = el => {
        const d = el.dataset
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
      none.hidden = shown.size > 0
    }
    form.addEventListener('input', this.sift)
    form.addEventListener('submit', event => event.preventDefault())
    this.sift()
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
        to.hash = 'chosen'
        location.assign(to)
      }, () => { word.textContent = button.dataset.failed },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 })
    })
  }
}
customElements.define('park-map', ParkMap)
