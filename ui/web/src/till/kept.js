// What this browser keeps of sales that have no answer on a screen yet. Each is kept for itself,
// so that two tabs never write over each other, and outlives the tab, the browser and the device's
// battery. A sale belongs to the till on which it was made: its request id means nothing on
// another one.
const SALE = 'watari.sale.'
const TILL = 'watari.till'
const DAY = 24 * 60 * 60 * 1000
const TOLD = 30 * 60 * 1000 // ms that a refusal is shown again after a reload

// here is the till of this page, or the last one when the page could not be fetched.
export function here () {
  const app = document.querySelector('[data-till]')
  if (!app) return read(TILL) ?? {}
  const { till, store, terminal } = app.dataset
  return { till, store, terminal }
}

// remember keeps which till this browser is, for when nobody can be asked.
export function remember () {
  const now = here()
  if (now.till && JSON.stringify(read(TILL)) !== JSON.stringify(now)) write(TILL, now)
}

// sales are those of this till, oldest first. What nobody will ask about any more is dropped.
export function sales () {
  const { till } = here()
  const found = []
  for (const key of keys()) {
    const sale = read(key)
    const age = Date.now() - (sale?.at ?? 0)
    const over = !sale || sale.told && age > TOLD || sale.till !== till && age > DAY
    if (over) drop(key)
    else if (sale.till === till) found.push(sale)
  }
  return found.sort((a, b) => a.at - b.at)
}

export const keep = sale => write(SALE + sale.request, sale)
export const forget = request => drop(SALE + request)

function keys () {
  try { return Object.keys(localStorage).filter(k => k.startsWith(SALE)) } catch { return [] }
}

function read (key) {
  try { return JSON.parse(localStorage.getItem(key)) } catch { return null }
}

function write (key, value) {
  try { localStorage.setItem(key, JSON.stringify(value)) } catch { /* full or forbidden */ }
}

function drop (key) {
  try { localStorage.removeItem(key) } catch { /* forbidden */ }
}
