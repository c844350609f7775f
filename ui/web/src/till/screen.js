// The screen is the part of the page that changes. htmx swaps it for links and forms; sales and
// waiting results are swapped from here.
import htmx from 'htmx.org'

// show puts the screen of a whole page that was fetched in place of this one.
export function show (text, push) {
  const target = document.getElementById('screen')
  const place = { target, sourceElement: target, select: '#screen', swap: 'outerHTML' }
  return htmx.swap({ ...place, text, push })
}

// settle is done after every swap: which tab this is, what is read out, where the focus is.
export function settle (screen, first) {
  if (!screen) return
  for (const tab of document.querySelectorAll('.tab')) {
    if (tab.dataset.tab === screen.dataset.tab) tab.setAttribute('aria-current', 'page')
    else tab.removeAttribute('aria-current')
  }
  say(screen.dataset.say ?? '')
  if (first) return
  window.scrollTo(0, 0)
  if (!screen.contains(document.activeElement)) screen.focus({ preventScroll: true })
}

// say has screen readers read a text at once, if it is not what they just read.
export function say (text) {
  const place = document.getElementById('say')
  if (place && place.textContent !== text) place.textContent = text
}

let since = 0 // when the till was last cut off, 0 while it is not

// down shows or hides that the till is cut off, why, and for how long: what is on the screen may
// be that old.
export function down (is) {
  const line = document.getElementById('line')
  if (!line) return
  if (!is) {
    if (since) back(line)
    since = 0
    return
  }
  if (!since) since = Date.now()
  line.hidden = false
  tick()
}

function tick () {
  const line = document.getElementById('line')
  if (!line || !since) return
  line.dataset.line = navigator.onLine === false ? 'offline' : 'down'
  const s = Math.floor((Date.now() - since) / 1000)
  line.querySelector('[data-since]').textContent =
    `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
}
setInterval(tick, 1000)

// back says for a moment that the line is there again.
function back (line) {
  line.dataset.line = 'back'
  setTimeout(() => { if (!since) line.hidden = true }, 1500)
}

document.addEventListener('htmx:after:swap', event => {
  const screen = document.getElementById('screen')
  if (event.target === screen || event.target === document.body || !event.target.isConnected ||
    event.detail.ctx.select === '#screen') settle(screen)
})

// A page that could not be fetched leaves this one as it is.
document.addEventListener('htmx:error', () => down(true))
document.addEventListener('htmx:after:request', () => down(false))
window.addEventListener('offline', () => down(true))

// The Enter key goes on to the next customer where a screen says so.
document.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.repeat || event.isComposing) return
  if (event.target.closest?.('a, button, input, select, textarea, dialog')) return
  document.querySelector('#screen [data-enter]')?.click()
})
