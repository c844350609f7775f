// Forms that a passkey fills in. They are hidden until this script finds a browser that can.
const can = window.PublicKeyCredential?.parseRequestOptionsFromJSON &&
  PublicKeyCredential.prototype.toJSON

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (can) form.hidden = false
}

// ask has the server say what the browser is asked, and asks the browser.
async function ask (form) {
  const making = form.dataset.passkey === 'create'
  const answer = await fetch(making ? '/account/passkeys/new' : '/account/passkey',
    { method: 'POST' })
  const asked = await answer.json()
  if (asked.next) {
    location.assign(asked.next)
    return null
  }
  if (!answer.ok) throw new Error(asked.wrong)
  form.elements.ticket.value = asked.ticket
  const options = asked.options.publicKey
  return making
    ? navigator.credentials.create(
      { publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get(
      { publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
}

document.addEventListener('submit', async (event) => {
  const form = event.target
  if (!form.matches?.('form[data-passkey]') || form.elements.answer.value) return
  event.preventDefault()
  event.stopImmediatePropagation()
  const wrong = form.querySelector('[data-wrong]')
  const button = form.querySelector('button')
  wrong.hidden = true
  const name = form.elements.label
  if (name && !name.value.trim()) return name.focus()
  button.disabled = true
  try {
    const made = await ask(form)
    if (!made) return
    form.elements.answer.value = JSON.stringify(made.toJSON())
    form.submit()
  } catch (e) {
    // What the browser says is in words for developers; what the server says is for people.
    wrong.textContent = e.constructor === Error && e.message ? e.message : form.dataset.failed
    wrong.hidden = false
  } finally {
    button.disabled = false
  }
}, true)
