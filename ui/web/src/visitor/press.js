// One press of a button is enough. A page that the way back shows as it was takes presses again,
// unless the visitor's session was ended since, here or in another window: then it is asked for
// anew, and shows nothing of who was signed in.
const ENDED = 'visit-ended'
const ENDS = ['/visit/sign-out', '/visit/settings/forget']
const shown = Date.now()

// Storage may be forbidden: then there is only the press.
function remember (at) {
  try { localStorage.setItem(ENDED, String(at)) } catch { /* forbidden */ }
}

function ended () {
  try { return Number(localStorage.getItem(ENDED) ?? 0) } catch { return 0 }
}

document.addEventListener('submit', event => {
  const form = event.target
  if (form.dataset.sent) {
    event.preventDefault()
    return
  }
  form.dataset.sent = '1'
  if (ENDS.includes(new URL(form.action, location.href).pathname)) remember(Date.now())
})

window.addEventListener('pageshow', event => {
  if (event.persisted && ended() >= shown) {
    location.reload()
    return
  }
  for (const form of document.forms) delete form.dataset.sent
})
