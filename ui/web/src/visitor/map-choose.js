// Looking at a point without leaving the map: what the list says of it is shown at once; what the
// server says of it, with the way there, follows when the line brings it. Without a line it stays
// at the first.

const make = (name, className, ...children) => {
  const el = document.createElement(name)
  if (className) el.className = className
  el.append(...children.filter(Boolean))
  return el
}

// address is that of the page with a point chosen, or with none.
export function address (code) {
  const to = new URL(location.href)
  to.searchParams.delete('queue')
  if (code) to.searchParams.set('at', code)
  else to.searchParams.delete('at')
  to.hash = ''
  return to
}

// sketch is a card of what the list says.
function sketch (line, shut) {
  const copy = selector => line.querySelector(selector)?.cloneNode(true)
  const name = make('h2', '', line.querySelector('strong').textContent)
  name.lang = line.querySelector('strong').lang
  name.id = 'chosen-name'
  const kind = line.closest('section').querySelector('h2').textContent
  const close = make('a', 'shut', copy('.shuticon') ?? '×')
  close.href = address('').href
  close.setAttribute('aria-label', shut)
  const about = copy('small')
  const card = make('section', 'card chosenpoint',
    make('div', 'chosenhead', make('div', '', make('p', 'eyebrow', kind), name), close),
    make('p', 'chosenline', copy('.mins')),
    about && make('p', 'hint', about.textContent))
  card.id = 'chosen'
  card.setAttribute('aria-labelledby', 'chosen-name')
  return card
}

// fetched is the page of an address, or null without a line.
async function fetched (to) {
  try {
    const answer = await fetch(to, { credentials: 'same-origin' })
    if (!answer.ok) return null
    return new DOMParser().parseFromString(await answer.text(), 'text/html')
  } catch {
    return null
  }
}

export { sketch, fetched }
