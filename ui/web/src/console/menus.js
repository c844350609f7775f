// Menus close when something else is clicked or Escape is pressed, a form is sent once, filters
// apply when a choice is made, and what is wrong is shown first.
const menus = () => document.querySelectorAll('details.menu[open]')

document.addEventListener('click', (event) => {
  for (const m of menus()) if (!m.contains(event.target)) m.open = false
})
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  for (const m of menus()) {
    m.open = false
    m.querySelector('summary').focus()
  }
})

// A file that is too large is told before it is sent: a server that stops reading breaks the line.
document.addEventListener('submit', (event) => {
  for (const input of event.target.querySelectorAll('input[data-bytes]')) {
    const large = [...input.files].some((f) => f.size > Number(input.dataset.bytes))
    let say = input.parentElement.querySelector('[data-told]')
    if (!large) {
      say?.remove()
      continue
    }
    event.preventDefault()
    event.stopImmediatePropagation()
    say ??= input.parentElement.appendChild(document.createElement('p'))
    say.className = 'mistake'
    say.dataset.told = ''
    say.setAttribute('role', 'alert')
    say.textContent = input.dataset.large
    input.focus()
  }
}, true)

// A second click while the first is on its way sends nothing.
document.addEventListener('submit', (event) => {
  const form = event.target
  if (form.dataset.sent) return event.preventDefault()
  if (form.method !== 'post') return
  form.dataset.sent = 'yes'
  form.setAttribute('aria-busy', 'true')
})
window.addEventListener('pageshow', () => {
  for (const f of document.querySelectorAll('[data-sent]')) {
    delete f.dataset.sent
    f.removeAttribute('aria-busy')
  }
})

// A choice in a filter applies at once; empty filters stay out of the address.
document.addEventListener('change', (event) => {
  const form = event.target.closest?.('[data-filters]')
  if (form && event.target.matches('select, input[type="date"]')) form.requestSubmit()
})
document.addEventListener('formdata', (event) => {
  if (!event.target.matches('[data-filters]')) return
  for (const [name, value] of [...event.formData]) if (value === '') event.formData.delete(name)
})

// On a phone the filters beyond the first are folded away until they are asked for.
for (const form of document.querySelectorAll('[data-filters]')) {
  const more = form.querySelector('[data-filters-more]')
  const fields = form.querySelectorAll('.filterfields > .field')
  if (!more || fields.length < 3 || form.querySelector('[data-filters-clear]')) continue
  form.dataset.folded = 'yes'
  more.hidden = false
  more.addEventListener('click', () => {
    delete form.dataset.folded
    more.hidden = true
    fields[1].querySelector('input, select')?.focus()
  })
}

document.querySelector('[data-focus]')?.focus()
