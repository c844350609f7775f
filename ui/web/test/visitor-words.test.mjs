// What the scripts of the visitor's app say on a phone is what the server says: over the cases that
// the Go tests of ui/visitor write. And the part of a map that is looked at stays on the map.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { clamp, cover, fit, pinch, zoomAt } from '../src/visitor/map-view.js'
import { digits, parkDay } from '../src/visitor/ticket-digits.js'
import { note, say } from '../src/visitor/wait-words.js'

const file = new URL('../../visitor/testdata/scripts.json', import.meta.url)
const vectors = JSON.parse(await readFile(file, 'utf8'))

test('a wait is said as the server says it, in five languages', () => {
  assert.ok(vectors.waits.length > 150)
  assert.equal(new Set(vectors.waits.map(v => v.lang)).size, 5)
  const { words } = vectors
  for (const { lang, wait, want } of vectors.waits) {
    const got = { ...say(wait, words), note: note(wait, words, lang) }
    assert.deepEqual(got, want, `${lang}: ${JSON.stringify(wait)}`)
  }
})

test('what is not known is no number, whatever is missing', () => {
  const words = { unknown: 'unknown' }
  for (const wait of [{}, { state: 'operating' }, { state: 'operating', minutes: null },
    { state: 'another' }, { state: 'unknown', minutes: 0 }]) {
    const got = say(wait, words)
    assert.equal(got.minutes, -1)
    assert.equal(got.short, '?')
    assert.equal(got.long, 'unknown')
    assert.equal(note(wait, words, 'en'), '')
  }
})

test('the digits of a ticket are those of the gate', async () => {
  assert.ok(vectors.digits.length > 5)
  for (const v of vectors.digits) assert.equal(await digits(v.secret, v.at), v.digits, String(v.at))
})

test('the day of the park begins at five in Japan, wherever the phone is', () => {
  const zone = process.env.TZ
  try {
    for (const tz of ['Asia/Tokyo', 'America/Los_Angeles', 'UTC']) {
      process.env.TZ = tz
      for (const v of vectors.days) assert.equal(parkDay(v.at), v.day, `${v.at} in ${tz}`)
    }
  } finally {
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  }
})

const whole = { w: 800, h: 500 }
const box = { w: 390, h: 600 }
const shaped = v => Math.abs(v.w / v.h - box.w / box.h) < 1e-9

test('a map fills its box and is never lost from it', () => {
  assert.ok(shaped(fit(whole, box)) && shaped(cover(whole, box)))
  assert.ok(fit(whole, box).w > whole.w - 1e-6 && cover(whole, box).w < whole.w + 1e-6)
  for (const view of [{ x: -5000, y: 9000, w: 100, h: 100 }, { x: 0, y: 0, w: 1e9, h: 1 },
    { x: 0, y: 0, w: 1e-9, h: 1 }, cover(whole, box)]) {
    const v = clamp(view, whole, box)
    assert.ok(shaped(v), JSON.stringify(v))
    assert.ok(v.w >= 59 && v.w <= fit(whole, box).w * 1.16)
    if (v.w <= whole.w) assert.ok(v.x >= 0 && v.x + v.w <= whole.w + 1e-9, JSON.stringify(v))
  }
})

test('what is below the finger stays there', () => {
  const view = { x: 100, y: 50, w: 195, h: 300 }
  const under = (v, at) => [v.x + v.w * at.x / box.w, v.y + v.h * at.y / box.h]
  const at = { x: 300, y: 40 }
  const close = (a, b) => a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-6, `${a} ${b}`))
  close(under(zoomAt(view, box, at, 1.7), at), under(view, at))
  const moved = pinch(view, box, [{ x: 10, y: 10 }], [{ x: 60, y: 30 }])
  close(under(moved, { x: 60, y: 30 }), under(view, { x: 10, y: 10 }))
  const two = pinch(view, box, [{ x: 100, y: 100 }, { x: 200, y: 100 }],
    [{ x: 50, y: 200 }, { x: 250, y: 200 }])
  assert.ok(Math.abs(two.w - view.w / 2) < 1e-6)
  close(under(two, { x: 150, y: 200 }), under(view, { x: 150, y: 100 }))
  const same = pinch(view, box, [at, at], [at, at])
  assert.ok(Number.isFinite(same.w) && same.w > 0)
})
