// Buttons that copy the text beside them. They are hidden where the clipboard cannot be used.
function ready (root) {
  if (!navigator.clipboard) return
  for (const b of root.querySelectorAll('[data-copy]')) b.hidden = false
}
ready(document)
document.addEventListener('console:fresh', (event) => ready(event.target))

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]')
  if (!button) return
  const text = document.getElementById(button.dataset.copy)
  const word = button.querySelector('span')
  await navigator.clipboard.writeText(text.textContent)
  const before = word.textContent
  word.textContent = button.dataset.done
  document.getElementById('say').textContent = button.dataset.done
  setTimeout(() => { word.textContent = before }, 1600)
})
