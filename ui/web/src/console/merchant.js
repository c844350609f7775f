// A choice marked data-at-once applies as it is made; its button is for browsers without scripts.
for (const select of document.querySelectorAll('select[data-at-once]')) {
  const button = select.form.querySelector('button[type=submit]')
  if (button) button.hidden = true
  select.addEventListener('change', () => select.form.requestSubmit())
}
