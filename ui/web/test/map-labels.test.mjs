// Goal: names on a map cover neither signs nor each other, and what stands too close to something
// more important is left out. Method: the layout as a function of places, without a page.
import assert from 'node:assert/strict'
import test from 'node:test'
import { settle, thin } from '../src/visitor/map-labels.js'
import { around, between, clamp, cover, fit, home } from '../src/visitor/map-view.js'

const sign = (x, y, more = {}) => ({ x, y, width: 60, tag: 0, ...more })

test('a name stands below its sign where there is room', () => {
  assert.deepEqual(settle([sign(0, 0), sign(300, 0)]), ['s', 's'])
})

test('a name gives way to a sign, and then to a name', () => {
  assert.deepEqual(settle([sign(0, 0), sign(0, 30, { width: 0 })]), ['e', ''])
  const [first, second] = settle([sign(0, 0), sign(40, 0)])
  assert.equal(first, 's')
  assert.equal(second, 'e')
})

test('a name that has no place at all is left out', () => {
  const wall = [[0, 40], [0, -40], [40, 0], [-40, 0]].map(([x, y]) => sign(x, y, { width: 0 }))
  assert.equal(settle([sign(0, 0, { width: 400 }), ...wall])[0], '')
})

test('a wait is covered by nothing', () => {
  assert.equal(settle([sign(0, 0), sign(0, 44, { tag: 30, width: 0 })])[0], 'e')
  assert.deepEqual(thin([sign(0, 0, { tag: 30 }), sign(10, -30)]).length, 1)
})

test('signs that are too close are left out, but for those that are always shown', () => {
  const near = [sign(0, 0), sign(10, 0), sign(5, 0, { always: true })]
  assert.deepEqual(thin(near).map(s => s.x), [0, 5])
})

test('a view holds what is looked at and stays in the map', () => {
  const size = { w: 390, h: 340 }
  const v = around({ x: 100, y: 100, width: 300, height: 50 }, size)
  assert.ok(v.x < 100 && v.x + v.w > 400 && v.y < 100 && v.y + v.h > 150)
  assert.ok(Math.abs(v.w / v.h - size.w / size.h) < 1e-9)
  const inside = clamp(v, { w: 744, h: 524 }, size)
  assert.ok(inside.x >= 0 && inside.y >= 0 && inside.x + inside.w <= 744.001)
  assert.deepEqual(between(v, inside, 0), v)
})

test('a desk begins with the whole park, a phone with its middle', () => {
  const whole = { w: 754, h: 524 }
  const [desk, phone, lying] = [{ w: 792, h: 666 }, { w: 390, h: 532 }, { w: 844, h: 300 }]
  assert.deepEqual(home(whole, desk), fit(whole, desk))
  assert.deepEqual(home(whole, phone), cover(whole, phone))
  assert.deepEqual(home(whole, lying), cover(whole, lying))
})
