// The sandbox's first page: the list of tills narrows while somebody types. Without this script
// the server does the same when the search is sent.
const field = document.getElementById('q')
const found = document.getElementById('found')
const none = document.getElementById('none')
const regions = [...document.querySelectorAll('.region')]

// plain brings texts that look alike to one form, as the server does with the lists' texts.
const plain = (text) => text.normalize('NFKC').toLowerCase().split(/\s+/).filter(Boolean)

function narrow () {
  const words = plain(field.value)
  let count = 0
  for (const region of regions) {
    let inRegion = 0
    for (const part of region.querySelectorAll('.prefecture')) {
      let inPart = 0
      for (const shop of part.querySelectorAll('[data-find]')) {
        shop.hidden = !words.every((word) => shop.dataset.find.includes(word))
        if (!shop.hidden) inPart++
      }
      part.hidden = inPart === 0
      inRegion += inPart
    }
    region.hidden = inRegion === 0
    region.open = words.length > 0 && inRegion > 0
    count += inRegion
  }
  none.hidden = count > 0
  found.textContent = count === 1
    ? found.dataset.one
    : found.dataset.other.replace('{n}', count)
}

// A list that the server narrowed is not whole, so there the search goes on asking the server.
if (field && !field.defaultValue) {
  field.addEventListener('input', narrow)
  field.form.addEventListener('submit', (event) => {
    event.preventDefault()
    narrow()
    field.blur()
  })
  none.querySelector('a').addEventListener('click', (event) => {
    event.preventDefault()
    field.value = ''
    narrow()
    field.focus()
  })
  if (field.value) narrow() // the browser kept it over a reload
}
