// The form of a point on a park's map: a touch of the picture fills in where it is.
const places = document.querySelectorAll('[data-place]')
const svgName = 'http://www.w3.org/2000/svg'

// fieldOf finds a field of the form by its name.
function fieldOf (name) { return document.querySelector(`.form input[name="${name}"]`) }

for (const box of places) {
  const svg = box.querySelector('svg')
  const lat = fieldOf('latitude')
  const lon = fieldOf('longitude')
  if (!svg || !lat || !lon) continue
  const [west, north, right, down] = ['west', 'north', 'right', 'down']
    .map((name) => Number(box.dataset[name]))
  const pin = document.createElementNS(svgName, 'circle')
  pin.setAttribute('class', 'pin')
  pin.setAttribute('r', '16')
  svg.append(pin)
  // show puts the ring where the fields say.
  const show = () => {
    pin.setAttribute('cx', String((Number(lon.value) - west) / right))
    pin.setAttribute('cy', String((Number(lat.value) - north) / down))
  }
  show()
  lat.addEventListener('input', show)
  lon.addEventListener('input', show)
  // Signs are links elsewhere: here they are only part of the picture.
  box.addEventListener('click', (event) => {
    event.preventDefault()
    const matrix = svg.getScreenCTM()
    if (!matrix) return
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse())
    lon.value = (west + at.x * right).toFixed(6)
    lat.value = (north + at.y * down).toFixed(6)
    show()
  })
}
