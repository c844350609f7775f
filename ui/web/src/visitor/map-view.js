// The part of a map that is looked at: a rectangle { x, y, w, h } of metres, shown in a box of
// { w, h } pixels. It has the shape of the box, so that a metre is as long across as down.
const NEAREST = 60 // metres across
const AROUND = 1.15 // of the whole, that can be seen at most
const AIR = 45 // metres around what is looked at
const CLOSE = 240 // metres across, at least, around it
const ROOM = { w: 640, h: 420 } // pixels in which a whole park can be read

// fit is the whole map in a box.
export function fit (whole, box) {
  const scale = Math.max(whole.w / box.w, whole.h / box.h)
  const w = box.w * scale
  const h = box.h * scale
  return { x: (whole.w - w) / 2, y: (whole.h - h) / 2, w, h }
}

// cover is the middle of the map, as large as fills the box.
export function cover (whole, box) {
  const scale = Math.min(whole.w / box.w, whole.h / box.h)
  const w = box.w * scale
  const h = box.h * scale
  return { x: (whole.w - w) / 2, y: (whole.h - h) / 2, w, h }
}

// home is what one begins with: the whole park where there is room for its signs, and on a phone
// its middle.
export function home (whole, box) {
  return (box.w >= ROOM.w && box.h >= ROOM.h ? fit : cover)(whole, box)
}

// around is what shows a box of the map { x, y, width, height } with some ground around it.
export function around (box, size) {
  const w = Math.max(box.width + 2 * AIR, (box.height + 2 * AIR) * size.w / size.h, CLOSE)
  const h = w * size.h / size.w
  return { x: box.x + box.width / 2 - w / 2, y: box.y + box.height / 2 - h / 2, w, h }
}

// between is a view on the way from one to another, slow at both ends; part is 0 to 1.
export function between (from, to, part) {
  const at = part * part * (3 - 2 * part)
  const mix = name => from[name] + (to[name] - from[name]) * at
  return { x: mix('x'), y: mix('y'), w: mix('w'), h: mix('h') }
}

// clamp keeps a view inside the map and its sizes in bounds.
export function clamp (view, whole, box) {
  const all = fit(whole, box)
  const w = Math.min(Math.max(view.w, Math.min(NEAREST, all.w)), all.w * AROUND)
  const h = w * box.h / box.w
  const mid = { x: view.x + view.w / 2, y: view.y + view.h / 2 }
  const keep = (at, size, most) => size >= most
    ? (most - size) / 2
    : Math.min(Math.max(at - size / 2, 0), most - size)
  return { x: keep(mid.x, w, whole.w), y: keep(mid.y, h, whole.h), w, h }
}

// zoomAt makes what is below a point of the box larger by a factor, and leaves it there.
export function zoomAt (view, box, at, by) {
  const x = view.x + view.w * at.x / box.w
  const y = view.y + view.h * at.y / box.h
  const w = view.w / by
  const h = view.h / by
  return { x: x - w * at.x / box.w, y: y - h * at.y / box.h, w, h }
}

// pinch follows one or two fingers from where they were to where they are.
export function pinch (view, box, before, after) {
  const mid = ps => ({ x: ps.reduce((s, p) => s + p.x, 0) / ps.length,
    y: ps.reduce((s, p) => s + p.y, 0) / ps.length })
  const gap = ps => Math.hypot(ps[0].x - ps[1].x, ps[0].y - ps[1].y)
  const a = mid(before)
  const b = mid(after)
  const perPixel = view.w / box.w
  const moved = { ...view, x: view.x - (b.x - a.x) * perPixel, y: view.y - (b.y - a.y) * perPixel }
  if (before.length < 2 || after.length < 2) return moved
  return zoomAt(moved, box, b, Math.max(gap(after), 1) / Math.max(gap(before), 1))
}
