// Families with many tickets are divided into codes that a gate takes apart again.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import encodeQR from 'qr'
import { split } from '../src/gate/ticket.js'
import { parts } from '../src/visitor/ticket-together.js'

const file = new URL('../../../visit/park/gate/testdata/verdicts.json', import.meta.url)
const { together } = JSON.parse(await readFile(file, 'utf8'))

test('people are divided into codes as evenly as they can be', () => {
  for (let n = 2; n <= 30; n++) {
    const sizes = parts([...Array(n).keys()]).map(part => part.length)
    assert.equal(sizes.reduce((a, b) => a + b), n)
    assert.ok(Math.max(...sizes) <= 6 && Math.max(...sizes) - sizes.at(-1) <= sizes.length)
  }
  assert.deepEqual(parts([1, 2, 3, 4, 5, 6, 7]), [[1, 2, 3, 4], [5, 6, 7]])
})

test('a code of six tickets can be drawn, and read apart', () => {
  const six = together.find(c => c.parts.length === 6)
  const rows = encodeQR(six.text, 'raw', { ecc: 'low', encoding: 'alphanumeric', border: 4 })
  assert.ok(rows.length <= 93) // version 17, and the light around it
  assert.deepEqual(split(six.parts.join('')), six.parts)
})
