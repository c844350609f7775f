// One code for people who come together: the texts of their tickets one behind the other, each with
// its digits when it changes (see visit/park/ticket). A gate judges each of them for itself.
import { STEP } from './ticket-digits.js'

const MOST = 6 // tickets in one code

// together shows cards with codes of all who have still to enter, before the single tickets. shown
// gives the text of a ticket at a moment, undefined when it has none then; draw draws a code. It
// returns what has to be called as time goes on.
export function together (shown, draw) {
  const first = document.querySelector('[data-together]')
  const waiting = [...document.querySelectorAll('[data-enters]')]
  if (!first || waiting.length < 2) return async () => {}
  const cards = []
  for (const part of parts(waiting)) {
    const card = cards.length ? first.cloneNode(true) : first
    if (cards.length) cards.at(-1).card.after(card)
    const count = card.querySelector('[data-count]')
    count.textContent = count.dataset.count.replace('{n}', part.length)
    cards.push({ card, part })
  }
  let step = 0
  return async now => {
    if (step === Math.floor(now / STEP)) return
    step = Math.floor(now / STEP)
    const was = first.hidden
    for (const { card, part } of cards) {
      const texts = await Promise.all(part.map(place => shown(place, now)))
      card.hidden = texts.includes(undefined)
      if (!card.hidden) draw(card.querySelector('[data-code]'), texts.join(''), 'low')
    }
    // Cards that come into being stand before what the browser looked at.
    if (was && !first.hidden) first.parentElement.scrollTo({ left: 0, behavior: 'instant' })
  }
}

// parts divides people into codes, as even as they can be.
export function parts (all) {
  const size = Math.ceil(all.length / Math.ceil(all.length / MOST))
  const out = []
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size))
  return out
}
