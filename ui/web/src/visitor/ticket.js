import encodeQR from 'qr'
import { digits, parkDay, STEP } from './ticket-digits.js'
import { together } from './ticket-together.js'

const SVG = 'http://www.w3.org/2000/svg'
const QUIET = 4 // modules of light around a code

// draw writes a code into the picture that the server drew, in the same size and colours.
function draw (place, text, ecc = 'medium') {
  const rows = encodeQR(text, 'raw', { ecc, encoding: 'alphanumeric', border: QUIET })
  let d = ''
  rows.forEach((row, y) => row.forEach((dark, x) => {
    if (dark) d += `M${x} ${y}h1v1h-1z`
  }))
  const size = rows.length
  const old = place.querySelector('svg')
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`)
  svg.setAttribute('role', 'img')
  svg.setAttribute('shape-rendering', 'crispEdges')
  svg.setAttribute('aria-label', old?.querySelector('title')?.textContent ??
    old?.getAttribute('aria-label') ?? place.getAttribute('aria-label') ?? '')
  const ground = document.createElementNS(SVG, 'path')
  ground.setAttribute('fill', '#fff')
  ground.setAttribute('d', `M0 0h${size}v${size}H0z`)
  const modules = document.createElementNS(SVG, 'path')
  modules.setAttribute('fill', '#000')
  modules.setAttribute('d', d)
  svg.append(ground, modules)
  if (old) old.replaceWith(svg)
  else place.append(svg)
}

// shown is the text of a ticket with the digits of a moment; undefined on a day for which the page
// has no secret.
async function shown (place, now) {
  if (!place.dataset.secrets) return place.dataset.text
  const secret = JSON.parse(place.dataset.secrets)[parkDay(now)]
  return secret && place.dataset.text + await digits(secret, now)
}

// turn shows the digits of now behind the text of a ticket, and again when they change. Without a
// secret the code is what the server drew.
async function turn (place, now) {
  const step = String(Math.floor(now / STEP))
  if (place.dataset.step === step) return true
  const text = await shown(place, now)
  if (text === undefined) return false
  draw(place, text)
  place.dataset.step = step
  return true
}

// A phone whose clock is wrong shows digits that no gate takes: the network says how wrong it is.
const SLOPPY = 15_000 // ms that a clock may be off
let behind = 0
async function compareClocks () {
  const asked = Date.now()
  const answer = await fetch('/healthz', { method: 'HEAD', cache: 'no-store' })
  const answered = Date.now()
  const said = Date.parse(answer.headers.get('Date')) + 500 // whole seconds
  if (!answer.ok || !(answered - asked < 5000) || Number.isNaN(said)) return
  const off = said - (asked + answered) / 2
  behind = Math.abs(off) > SLOPPY ? Math.round(off) : 0
}

// The screen stays on while a ticket is shown, where the browser allows it.
async function stayAwake () {
  try {
    if (!document.hidden) await navigator.wakeLock?.request('screen')
  } catch { /* a battery that is low, a browser that refuses: the ticket works all the same */ }
}

// showTickets brings the codes of a page to life.
export function showTickets () {
  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false
    button.addEventListener('click', () => window.print())
  }
  const places = [...document.querySelectorAll('[data-secrets]')]
  if (document.querySelector('.ticket')) {
    stayAwake()
    document.addEventListener('visibilitychange', stayAwake)
  }
  if (!window.crypto?.subtle) return
  const family = together(shown, draw)
  const tick = async () => {
    if (document.hidden) return
    const now = Date.now() + behind
    for (const place of places) {
      const turning = place.parentElement.querySelector('[data-turning]')
      const turns = await turn(place, now)
      if (turning) turning.hidden = !turns
    }
    await family(now)
  }
  tick()
  if (places.length) compareClocks().then(tick, () => {})
  setInterval(tick, 1000)
  document.addEventListener('visibilitychange', tick)
}
