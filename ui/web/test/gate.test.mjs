// What a device at a gate decides alone is what the server decides: over the cases that the Go
// tests of visit/park/gate write.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { decide, indexed, party } from '../src/gate/decide.js'
import { body, parse, signed, split } from '../src/gate/ticket.js'

const file = new URL('../../../visit/park/gate/testdata/verdicts.json', import.meta.url)
const { pack, cases, together } = JSON.parse(await readFile(file, 'utf8'))
const tickets = indexed(pack.tickets)
const alone = () => []

test('decides as the server does', async () => {
  assert.ok(cases.length > 40)
  for (const c of cases) {
    const own = number => number === c.number ? c.own ?? [] : []
    const got = await decide(pack, tickets, own, c)
    assert.equal(got.reason, c.want, `${c.name}: ${c.text.slice(0, 20)} at ${c.at}`)
    assert.equal(got.number, c.number, c.name)
  }
})

test('takes tickets apart that come together, as the server does', () => {
  assert.ok(together.length > 10)
  for (const c of together) assert.deepEqual(split(c.text), c.parts, c.text.slice(0, 20))
  const [one, two] = together
  assert.equal(body(one.text).length, 138)
  assert.equal(body(two.text).length, 2 * 138)
})

test('verifies in a browser that has no Ed25519', async () => {
  const { importKey } = crypto.subtle
  crypto.subtle.importKey = function (format, key, algorithm, ...rest) {
    if (algorithm.name === 'Ed25519') throw new DOMException('', 'NotSupportedError')
    return importKey.call(this, format, key, algorithm, ...rest)
  }
  try {
    // What verifies is kept by the key's text: this one is not known yet.
    const key = pack.keys[1].toUpperCase()
    const good = parse(cases.find(c => c.name === 'good and static').text)
    assert.equal(await signed(good, key), true)
    good.raw[40] ^= 1
    assert.equal(await signed(good, key), false)
  } finally {
    crypto.subtle.importKey = importKey
  }
})

test('counts who came together', () => {
  const first = cases.find(c => c.name === 'good').number
  const own = number => number === first ? [{ kind: 'entry', at: pack.clock }] : []
  const before = party(tickets, alone, 7)
  assert.ok(before.of >= 5)
  assert.deepEqual(party(tickets, own, 7), { of: before.of, in: before.in + 1 })
})

test('a verdict takes no time', async () => {
  const good = cases.find(c => c.name === 'good')
  const began = performance.now()
  for (let i = 0; i < 100; i++) await decide(pack, tickets, alone, good)
  assert.ok((performance.now() - began) / 100 < 50)
})
