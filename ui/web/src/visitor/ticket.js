import encodeQR from 'qr'
import { digits, parkDay, STEP } from './ticket-digits.js'

const SVG = 'http://www.w3.org/2000/svg'
const QUIET = 4 // modules of light around a code

// draw writes a code into the picture that the server drew, in the same size and colours.
function draw (place, text) {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', encoding: 'alphanumeric', border: QUIET })
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
    old?.getAttribute('aria-label') ?? '')
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

// turn shows the digits of now behind the text of a ticket, and again when they change. On a day
// for which the page has no secret, the code is what the server drew.
async function turn (place) {
  const now = Date.now()
  const secret = JSON.parse(place.dataset.secrets)[parkDay(now)]
  const step = Math.floor(now / STEP)
  if (secret && place.dataset.step !== String(step)) {
    const text = place.dataset.text + await digits(secret, now)
    draw(place, text)
    place.dataset.step = step
  }
  return secret !== undefined
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
  if (!places.length || !window.crypto?.subtle) return
  const tick = async () => {
    if (document.hidden) return
    for (const place of places) {
      const turning = place.parentElement.querySelector('[data-turning]')
      const turns = await turn(place)
      if (turning) turning.hidden = !turns
    }
  }
  tick()
  setInterval(tick, 1000)
  document.addEventListener('visibilitychange', tick)
}
