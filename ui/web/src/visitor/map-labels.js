// The names on a map: each stands where it covers neither a sign nor another name, in the order in
// which people look for them, or is left out. Lengths are pixels.
const DISC = 14 // half a sign with its edge
const TAG = 28 // from the middle of a sign to the upper edge of its wait
const LINE = 15 // a line of text
const GAP = 2
const NEAR = 19 // signs that are closer than this cannot be told apart

const hits = (a, b) => a.l < b.r && b.l < a.r && a.t < b.b && b.t < a.b

// around is what a sign covers: its disc, and the wait above it.
function around (s) {
  const disc = { l: s.x - DISC, r: s.x + DISC, t: s.y - DISC, b: s.y + DISC }
  if (!s.tag) return [disc]
  return [disc, { l: s.x - s.tag / 2, r: s.x + s.tag / 2, t: s.y - TAG, b: s.y - DISC + 2 }]
}

// sides are the places for a name, the best first.
function sides (s) {
  const half = s.width / 2
  const top = s.y - (s.tag ? TAG : DISC) - GAP
  const under = s.y + DISC + GAP
  return [
    ['s', { l: s.x - half, r: s.x + half, t: under, b: under + LINE }],
    ['e', { l: s.x + DISC + GAP, r: s.x + DISC + GAP + s.width, t: s.y - 8, b: s.y + 8 }],
    ['w', { l: s.x - DISC - GAP - s.width, r: s.x - DISC - GAP, t: s.y - 8, b: s.y + 8 }],
    ['n', { l: s.x - half, r: s.x + half, t: top - LINE, b: top }],
  ]
}

// thin leaves out signs that stand too close to one of a higher rank, or below its wait. signs are
// sorted by rank.
export function thin (signs) {
  const kept = []
  for (const s of signs) {
    const [disc, tag] = around(s)
    const close = kept.some(k => {
      const [, above] = around(k)
      return Math.hypot(k.x - s.x, k.y - s.y) < NEAR || above && hits(above, disc) ||
        tag && hits(tag, around(k)[0])
    })
    if (s.always || !close) kept.push(s)
  }
  return kept
}

// settle says on which side of each sign its name stands, "" for nowhere. Signs are
// { x, y, width of the name, tag: width of the wait or 0 }, those of the highest rank first.
export function settle (signs) {
  const taken = signs.map(around)
  const names = []
  return signs.map((s, i) => {
    for (const [side, box] of s.width ? sides(s) : []) {
      const free = !names.some(n => hits(n, box)) &&
        !taken.some((boxes, k) => k !== i && boxes.some(b => hits(b, box)))
      if (free) {
        names.push(box)
        return side
      }
    }
    return ''
  })
}
