// A high tone for yes, two low ones for no: staff look at people, not at the screen.
let context = null

export function wake () {
  context ??= new (window.AudioContext ?? window.webkitAudioContext)()
  if (context.state === 'suspended') context.resume().catch(() => {})
}

export function play (good) {
  if (context?.state !== 'running') return
  const tones = good ? [[1320, 0, 0.14]] : [[220, 0, 0.18], [220, 0.26, 0.3]]
  for (const [pitch, from, length] of tones) {
    const tone = context.createOscillator()
    const level = context.createGain()
    tone.type = good ? 'sine' : 'square'
    tone.frequency.value = pitch
    const begin = context.currentTime + from
    level.gain.setValueAtTime(0.25, begin)
    level.gain.exponentialRampToValueAtTime(0.001, begin + length)
    tone.connect(level).connect(context.destination)
    tone.start(begin)
    tone.stop(begin + length)
  }
}
