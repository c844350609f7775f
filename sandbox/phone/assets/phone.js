// The phone's script: parts of the page come as server-sent events and take the place of what
// is shown; a payment that has just ended opens its sheet; the ring counts to the next code.
const body = document.body
const { base, lang } = body.dataset
const skew = Number(body.dataset.now) - Date.now()
const part = name => document.getElementById(name)
const seen = marks()
let opener = null

function marks () {
  return new Map(Array.from(document.querySelectorAll('[data-receipt]'),
    e => [e.dataset.receipt, e.dataset.mark]))
}

// put replaces a part, unless it is the same already: a keypad in use must not jump.
function put (name, html) {
  const place = part(name)
  const fresh = document.createElement('template')
  fresh.innerHTML = html
  if (name === 'ask') {
    const same = e => e.querySelector('[name=payment_id]')?.value
    // The question rises once; its keys hold still when it is asked again.
    if (same(place) === same(fresh.content)) {
      fresh.content.querySelector('.panel')?.classList.add('still')
    }
    const wrong = fresh.content.querySelector('#pin-mistake p')?.textContent
    if (same(place) === same(fresh.content) &&
      place.querySelector('#pin-mistake p')?.textContent === wrong) return
  }
  const open = name === 'receipt'
    ? Array.from(place.querySelectorAll('details[open]'),
      e => e.closest('[data-receipt]').dataset.receipt)
    : []
  place.replaceChildren(fresh.content)
  for (const id of open) {
    place.querySelector(`[data-receipt="${CSS.escape(id)}"] details`)?.setAttribute('open', '')
  }
  if (name === 'code') tick()
  if (name === 'ask') question()
  if (name === 'receipt') news()
}

// question brings a new question to the front.
function question () {
  const title = part('ask-title')
  body.classList.toggle('asked', Boolean(title))
  if (!title) return
  const pin = part('pin')
  if (pin) {
    if (matchMedia('(pointer: coarse)').matches) pin.inputMode = 'none'
    pin.focus()
    dots(pin)
  } else part('ask').querySelector('button.main')?.focus()
  say(title.textContent)
}

function dots (pin) {
  pin.value = pin.value.normalize('NFKC').replace(/\D/g, '').slice(0, 6)
  const all = pin.parentElement.querySelectorAll('.dots i')
  all.forEach((dot, i) => dot.classList.toggle('full', i < pin.value.length))
}

// news opens the sheet of the newest receipt that says something new.
function news () {
  let newest = null
  for (const [id, mark] of marks()) {
    if (seen.get(id) !== mark && !newest) newest = id
    seen.set(id, mark)
  }
  if (!newest) return
  const sheet = part('done')
  const source = document.querySelector(`[data-receipt="${CSS.escape(newest)}"] template`)
  sheet.replaceChildren(source.content.cloneNode(true))
  sheet.hidden = false
  opener = document.activeElement
  say(`${sheet.querySelector('h2').textContent} ${sheet.querySelector('.sum').textContent}`)
  sheet.querySelector('[data-close]').focus()
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([30, 60, 30])
}

function close () {
  part('done').hidden = true
  if (opener?.isConnected) opener.focus()
}

function say (text) { part('say').textContent = text ?? '' }

// tick draws what is left until the next code.
function tick () {
  const line = document.querySelector('.renews')
  if (!line) return
  const { from, until, seconds } = line.dataset
  const left = Math.max(0, Number(until) - (Date.now() + skew))
  const whole = Math.max(1, Number(until) - Number(from))
  line.querySelector('.left').textContent = seconds.replace('{n}', Math.ceil(left / 1000))
  line.querySelector('.rest').setAttribute('stroke-dasharray', `${100 * left / whole} 100`)
}

async function answer (form, pressed) {
  const buttons = document.querySelectorAll('#ask button')
  for (const b of buttons) b.disabled = true
  try {
    const response = await fetch(`${form.getAttribute('action')}?lang=${lang}`, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form, pressed)),
      headers: { 'HX-Request': 'true' },
    })
    // The stream may have told of it first: then the next digits are being typed already.
    if ([200, 409, 422].includes(response.status)) put('ask', await response.text())
  } catch { part('offline').hidden = false }
  for (const b of document.querySelectorAll('#ask button')) b.disabled = false
}

document.addEventListener('submit', event => {
  if (!event.target.matches('[data-ask]')) return
  event.preventDefault()
  answer(event.target)
})

document.addEventListener('click', event => {
  if (event.target.closest('[data-close]')) close()
  const key = event.target.closest('#ask [data-key]')?.dataset.key
  if (!key) return
  const pin = document.getElementById('pin')
  pin.value = key === 'back' ? pin.value.slice(0, -1) : pin.value + key
  pin.dispatchEvent(new Event('input', { bubbles: true }))
})

document.addEventListener('input', event => {
  if (event.target.id !== 'pin') return
  dots(event.target)
  if (event.target.value.length === 6) event.target.form.requestSubmit()
})

document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && part('done')?.hidden === false) close()
})

part('lang')?.addEventListener('change', event => event.target.form.submit())

let lost = null
function open () {
  const source = new EventSource(`${base}/events?lang=${lang}`)
  source.addEventListener('open', () => {
    clearTimeout(lost)
    lost = null
    part('offline').hidden = true
  })
  source.addEventListener('error', () => {
    lost ??= setTimeout(() => { part('offline').hidden = false }, 2500)
    if (source.readyState === EventSource.CLOSED) setTimeout(open, 3000)
  })
  for (const name of ['code', 'ask', 'receipt', 'balance']) {
    source.addEventListener(name, event => put(name, event.data))
  }
}

question()
tick()
if (body.dataset.now) { // a page whose parts renew themselves
  setInterval(tick, 250)
  open()
}
