// Buying: steppers count, and what it costs is asked of the server while the form is filled in.
const PAUSE = 250 // ms after the last change

function steppers () {
  for (const box of document.querySelectorAll('.stepper')) {
    const input = box.querySelector('input')
    const buttons = [...box.querySelectorAll('[data-step]')]
    const look = () => {
      const n = Number(input.value) || 0
      for (const b of buttons) {
        const to = n + Number(b.dataset.step)
        b.disabled = to < Number(input.min) || to > Number(input.max)
      }
      box.classList.toggle('some', n > 0)
    }
    for (const b of buttons) {
      b.hidden = false
      b.addEventListener('click', () => {
        input.value = (Number(input.value) || 0) + Number(b.dataset.step)
        look()
        input.dispatchEvent(new Event('change', { bubbles: true }))
      })
    }
    input.addEventListener('input', look)
    look()
  }
}

// quotes asks what the form costs. An answer that is overtaken by another is dropped.
function quotes (form) {
  const at = name => form.querySelector(`[data-${name}]`)
  const write = (el, text) => { el.textContent = text ?? ''; el.hidden = !text }
  let timer = 0
  let asked = 0
  const show = quote => {
    write(at('total'), quote.total)
    write(at('list'), quote.list)
    write(at('about'), quote.about)
    write(at('refusal'), quote.refusal)
    at('sum').hidden = !quote.total
    at('given').hidden = !quote.given?.length
    at('given').replaceChildren(...(quote.given ?? []).map(text => {
      const line = document.createElement('li')
      line.textContent = text
      return line
    }))
  }
  const ask = async () => {
    const mine = ++asked
    const query = new URLSearchParams()
    for (const [name, value] of new FormData(form)) {
      if (name !== 'request' && !(name.startsWith('n.') && !Number(value))) query.set(name, value)
    }
    // Without an answer nothing is said: the next page says what it costs.
    let quote = {}
    try {
      const answer = await fetch(`${form.dataset.quote}?${query}`)
      if (answer.ok) quote = await answer.json()
    } catch { /* no line */ }
    if (mine === asked) show(quote)
  }
  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(ask, PAUSE)
  }
  // A product with times needs one: the first that is free is chosen with the first person.
  form.addEventListener('change', event => {
    const card = event.target.closest('.offer')
    if (card && event.target.name?.startsWith('n.') && !card.querySelector('.slot input:checked')) {
      const free = card.querySelector('.slot input:not(:disabled)')
      if (free) free.checked = true
    }
    later()
  })
  form.addEventListener('input', later)
  ask()
}

export function buying () {
  steppers()
  const form = document.querySelector('form[data-quote]')
  if (form) quotes(form)
}
