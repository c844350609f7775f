// One press of a button is enough, and the way back after a sign-out shows nothing of who was
// signed in. The price beside a form is that of the form as it is now, or none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as later } from 'node:timers/promises'

// A window, as far as these scripts look at it.
const on = {}
const listen = (kind, fn) => { on[kind] = fn }
const stored = new Map()
const forms = []
let loads = 0
globalThis.location = { href: 'https://pay.example/visit', reload: () => { loads++ } }
globalThis.window = { addEventListener: listen }
globalThis.document = { forms, addEventListener: listen, querySelectorAll: () => [],
  querySelector: () => forms.find(f => f.dataset.quote) }
globalThis.localStorage = { getItem: k => stored.get(k) ?? null,
  setItem: (k, v) => stored.set(k, v) }

const submit = form => {
  let stopped = false
  on.submit({ target: form, preventDefault: () => { stopped = true } })
  return !stopped
}

test('a form is sent once, until the page is shown again', async () => {
  await import('../src/visitor/press.js')
  const form = { dataset: {}, action: '/visit/park/fuji/buy' }
  forms.push(form)
  assert.equal(submit(form), true)
  assert.equal(submit(form), false)
  on.pageshow({ persisted: true })
  assert.equal(submit(form), true)
  assert.equal(loads, 0)
})

test('what the way back shows after a sign-out is asked for anew', async () => {
  await later(5)
  assert.equal(submit({ dataset: {}, action: 'https://pay.example/visit/sign-out' }), true)
  on.pageshow({ persisted: false })
  assert.equal(loads, 0)
  on.pageshow({ persisted: true })
  assert.equal(loads, 1)
  const { setItem } = localStorage
  localStorage.setItem = () => { throw new Error('forbidden') }
  assert.equal(submit({ dataset: {}, action: '/visit/settings/forget' }), true)
  localStorage.setItem = setItem
})

test('a price is that of the form as it is now, or none', async () => {
  const parts = {}
  const part = name => (parts[name] ??= { hidden: true, replaceChildren () {} })
  let fields = [['request', 'r1'], ['day', '2026-12-24'], ['n.day.adult', '2'],
    ['n.day.child', '0']]
  globalThis.FormData = class { [Symbol.iterator] () { return fields[Symbol.iterator]() } }
  const heard = {}
  const form = { dataset: { quote: '/visit/park/fuji/quote' },
    querySelector: s => part(s.slice('[data-'.length, -1)),
    addEventListener: (kind, fn) => { heard[kind] = fn } }
  forms.splice(0, forms.length, form)
  const asked = []
  globalThis.fetch = address => new Promise((resolve, reject) => {
    asked.push({ address, reject,
      answer: (ok, quote) => resolve({ ok, json: async () => quote }) })
  })
  const until = async n => { while (asked.length < n) await later(20) }
  const { buying } = await import('../src/visitor/buy.js')
  buying()
  await until(1)
  assert.equal(asked[0].address, '/visit/park/fuji/quote?day=2026-12-24&n.day.adult=2')
  fields = [['n.day.adult', '3']]
  heard.change({ target: { closest: () => null, name: 'n.day.adult' } })
  await until(2)
  asked[1].answer(true, { total: '¥20,400' })
  await later(5)
  asked[0].answer(true, { total: '¥13,600' })
  await later(5)
  assert.equal(parts.total.textContent, '¥20,400')
  for (const fail of [a => a.reject(new TypeError('no line')), a => a.answer(false, {})]) {
    heard.input()
    await until(asked.length + 1)
    fail(asked.at(-1))
    await later(5)
    assert.equal(parts.total.textContent, '')
    assert.equal(parts.sum.hidden, true)
  }
})
