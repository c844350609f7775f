// A page whose state changes elsewhere (a payment that is confirmed, a number that is called, a
// ticket that was used) asks now and then whether it still says what is so, and is drawn anew when
// it does not. It asks for the head of the page alone: a few hundred bytes.
const STATE = 'Visit-State'

export function lookAgain () {
  const { again, state } = document.getElementById('screen')?.dataset ?? {}
  if (!again || document.documentElement.dataset.kept) return
  const look = async () => {
    const sent = [...document.forms].some(form => form.dataset.sent)
    if (document.hidden || !navigator.onLine || sent) return
    try {
      const answer = await fetch(location.href, { method: 'HEAD', cache: 'no-store' })
      const now = answer.headers.get(STATE)
      if (answer.ok && now && now !== state) location.replace(location.pathname + location.search)
    } catch { /* no line: it is asked again */ }
  }
  setInterval(look, Number(again) * 1000)
  document.addEventListener('visibilitychange', look)
}
