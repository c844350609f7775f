// A photo of a paper is made smaller before it is sent, so that one from a good camera fits and a
// slow line is enough. What cannot be read as a picture is sent as it is.
const LONGEST = 2400 // pixels
const SMALL = 1.5 * 1024 * 1024 // bytes; smaller photos are left alone

async function shrunk (file) {
  if (file.type !== 'image/jpeg' || file.size <= SMALL) return file
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * scale)
  canvas.height = Math.round(picture.height * scale)
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise(resolve => canvas.toBlob(resolve, 'image/jpeg', 0.85))
  return blob && blob.size < file.size ? new File([blob], file.name, { type: blob.type }) : file
}

// A file that is chosen is sent at once.
for (const form of document.querySelectorAll('form[data-shrink]')) {
  form.querySelector('button').hidden = true
  form.querySelector('input[type="file"]').addEventListener('change', e => {
    if (e.target.files.length && !form.dataset.shrunk) form.requestSubmit()
  })
}

document.addEventListener('submit', async e => {
  const form = e.target
  if (!form.matches('form[data-shrink]') || form.dataset.shrunk) return
  const input = form.querySelector('input[type="file"]')
  if (!input.files.length) return
  e.preventDefault()
  form.dataset.shrunk = 'yes'
  try {
    const kept = new DataTransfer()
    kept.items.add(await shrunk(input.files[0]))
    input.files = kept.files
  } catch { /* it is sent as it is */ }
  form.requestSubmit()
})
