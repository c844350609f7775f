import { note, say } from './wait-words.js'

// Waits in a page are written anew as they change. Marks of a tone lose it and get another.
const TONES = ['good', 'wait', 'stop', 'plain']

function write (wait, words, lang) {
  const said = say(wait, words)
  const code = CSS.escape(wait.code)
  for (const el of document.querySelectorAll(`[data-wait-long="${code}"]`)) {
    if (el.textContent !== said.long) el.textContent = said.long
    tone(el, said.tone)
  }
  for (const el of document.querySelectorAll(`[data-wait="${code}"]`)) {
    el.textContent = said.short
    tone(el.parentElement, said.tone)
  }
  const about = note(wait, words, lang)
  for (const el of document.querySelectorAll(`[data-queue="${code}"]`)) {
    if (el.dataset.closed !== undefined) continue // the map says so, whatever is counted there
    if (el.dataset.minutes !== undefined || said.minutes >= 0) el.dataset.minutes = said.minutes
    const line = el.querySelector('[data-note]')
    if (line) line.textContent = about
  }
}

function tone (el, name) {
  el.classList.remove(...TONES)
  if (name) el.classList.add(name)
}

// followWaits keeps the page's waits as they are now, while it is looked at. changed is called
// after each change.
export function followWaits (changed = () => {}) {
  const root = document.querySelector('[data-live]')
  if (!root || document.documentElement.dataset.kept) return
  const { live, ...words } = root.dataset
  const lang = document.documentElement.lang
  let stream = null
  const open = () => {
    if (stream || document.hidden) return
    stream = new EventSource(live)
    stream.addEventListener('waits', event => {
      for (const wait of JSON.parse(event.data).waits ?? []) write(wait, words, lang)
      changed()
    })
  }
  const shut = () => { stream?.close(); stream = null }
  document.addEventListener('visibilitychange', () => document.hidden ? shut() : open())
  window.addEventListener('pagehide', shut)
  window.addEventListener('pageshow', open)
  open()
}
