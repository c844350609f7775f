// A sale is asked under one request id until there is an answer. The id is minted here, before
// anything is sent, and kept with the sale until its answer is on the screen: after a lost
// connection, a reload or a killed browser the same sale is asked again, and the network gives the
// same answer. After a minute it is only looked for: what never arrived is not begun late, with the
// customer gone.
import { forget, here, keep as store, sales } from './kept.js'
import { down, show } from './screen.js'

const PATIENCE = 10000 // ms until the cashier is told that something is wrong
const TIMEOUT = 15000 // ms for one request; the network answers within 7 s
const LATE = 60000 // ms after which a sale that never arrived is no longer begun

const keep = sale => { store(sale); remind() }

// alone runs fn while no other tab asks about the same sale. A browser without locks asks twice,
// which costs nothing: both get the same answer.
const alone = (request, fn) => navigator.locks
  ? navigator.locks.request(`watari.sale.${request}`, { ifAvailable: true },
    lock => lock ? fn() : undefined)
  : fn()

// mint makes an id of 26 characters with 130 random bits.
function mint () {
  const letters = '0123456789abcdefghjkmnpqrstvwxyz'
  return Array.from(crypto.getRandomValues(new Uint8Array(26)), b => letters[b & 31]).join('')
}

// place is the address of this page.
const place = () => location.pathname + location.search

// start takes a form that is a sale. One that was warned of, or that asks again, has its id.
function start (form) {
  const fields = new URLSearchParams(new FormData(form))
  if (form.elements.code.type !== 'hidden') fields.set('request', mint())
  const { till } = here()
  if (till) fields.set('till', till)
  const sale = {
    till,
    request: fields.get('request'),
    body: fields.toString(),
    amount: form.dataset.sale,
    at: Date.now(),
  }
  keep(sale)
  ask(sale)
}

const pause = ms => new Promise(resolve => {
  const done = () => { clearTimeout(timer); window.removeEventListener('online', done); resolve() }
  const timer = setTimeout(done, ms)
  window.addEventListener('online', done)
})

async function post (sale) {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), TIMEOUT)
  const late = Math.abs(Date.now() - sale.at) > LATE
  try {
    const response = await fetch('/till/sales', {
      method: 'POST',
      body: late ? `${sale.body}&late=1` : sale.body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      signal: abort.signal,
    })
    const answer = response.headers.get('Till-Answer')
    const text = await response.text()
    if (answer) return { answer, text, url: new URL(response.url).pathname }
    // Who is no till any more, or sent what cannot be read, is told by the page. Anything else
    // is no answer; the page may say why.
    if (response.status < 500) return { answer: 'page', text }
    const page = new DOMParser().parseFromString(text, 'text/html')
    return { why: page.querySelector('.because h2')?.textContent }
  } finally {
    clearTimeout(timer)
  }
}

let asking = null // the sale that covers the screen

// ask covers the screen and asks until there is an answer, or until the cashier leaves it.
async function ask (sale) {
  if (!asking) await alone(sale.request, () => askAlone(sale))
}

async function askAlone (sale) {
  if (asking) return
  asking = sale
  sale.left = false
  keep(sale)
  const cover = uncover(sale)
  for (let n = 0; asking === sale; n++) {
    const found = await post(sale).catch(() => null)
    if (asking !== sale) return
    if (found?.answer) {
      asking = null
      cover()
      down(false)
      // A payment has an address of its own, and a mistake was never sent on. A refusal is kept
      // until the cashier goes on, so that a reload shows it again.
      if (found.answer === 'refusal') keep({ ...sale, told: place() })
      else if (found.answer === 'page') keep({ ...sale, left: true })
      else forget(sale.request)
      remind()
      await show(found.text, found.answer === 'payment' ? found.url : undefined)
      return
    }
    trouble(found?.why)
    await pause(Math.min(500 * 2 ** n, 8000))
  }
}

// uncover opens the cover and returns what closes it.
function uncover (sale) {
  const dialog = document.getElementById('asking')
  const seconds = dialog.querySelector('[data-seconds]')
  const tick = () => {
    const s = Math.max(0, Math.floor((Date.now() - sale.at) / 1000))
    seconds.textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
    if (s * 1000 >= PATIENCE) trouble()
  }
  dialog.querySelector('[data-amount]').textContent = sale.amount
  dialog.querySelector('[data-why]').textContent = ''
  dialog.querySelector('[data-usual]').hidden = false
  dialog.querySelector('[data-trouble]').hidden = true
  dialog.querySelector('[data-leave]').hidden = true
  if (!dialog.open) dialog.showModal()
  tick()
  const timer = setInterval(tick, 500)
  const close = () => { clearInterval(timer); if (dialog.open) dialog.close() }
  dialog.querySelector('[data-leave]').onclick = () => {
    asking = null
    keep({ ...sale, left: true })
    close()
    const code = document.querySelector('#screen input[name=code]')
    if (code) code.value = ''
  }
  return close
}

function trouble (why) {
  const dialog = document.getElementById('asking')
  if (why) dialog.querySelector('[data-why]').textContent = why
  dialog.querySelector('[data-usual]').hidden = true
  dialog.querySelector('[data-trouble]').hidden = false
  dialog.querySelector('[data-leave]').hidden = false
}

// remind shows the oldest sale that was left without an answer.
function remind () {
  const note = document.getElementById('unanswered')
  if (!note) return
  const left = sales().find(s => s.left)
  note.hidden = !left
  if (left) note.querySelector('[data-amount]').textContent = left.amount
}

// resume asks again what had no answer when the page was left or loaded anew.
export function resume () {
  if (!document.getElementById('asking')) return
  remind()
  const open = sales().find(s => !s.left && (!s.told || s.told === place()))
  if (open) ask(open)
}

document.addEventListener('submit', event => {
  if (!event.target.matches('form[data-sale]')) return
  event.preventDefault()
  event.stopImmediatePropagation()
  start(event.target)
}, true)

document.addEventListener('click', event => {
  const button = event.target.closest('[data-ask-again], [data-fresh]')
  if (!button) return
  if (button.matches('[data-fresh]')) {
    for (const s of sales()) if (s.told) forget(s.request)
    return
  }
  const left = sales().find(s => s.left)
  if (left) ask(left)
}, true)

// The cover stays until there is an answer: the Escape key does not lift it.
document.addEventListener('cancel', event => {
  if (event.target.id === 'asking') event.preventDefault()
}, true)

// A page that the browser went back to has the reminder hidden again.
document.addEventListener('htmx:after:swap', remind)

// Another tab has asked about a sale, or left one.
window.addEventListener('storage', remind)
