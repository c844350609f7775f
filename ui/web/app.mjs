// app.mjs makes what lets a browser keep the till and the visitor's app: icons in dots beside the
// drawn one, the service workers, and the lists of files that those of tills and gates keep.
import { build } from 'esbuild'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Resvg, initWasm } from '@resvg/resvg-wasm'

const dist = new URL('../theme/dist/', import.meta.url)

// Launchers cut icons to their own shape: what they must not lose is in the middle four fifths,
// and the ground reaches the edges.
const icons = async () => {
  await initWasm(await readFile(createRequire(import.meta.url)
    .resolve('@resvg/resvg-wasm/index_bg.wasm')))
  const round = await readFile(new URL('src/icon.svg', import.meta.url), 'utf8')
  const full = round.replace(' rx="7"', '').replace('translate(3.2 3) scale(.8)',
    'translate(6.4 6.3) scale(.6)')
  if (full.includes('rx=') || !full.includes('scale(.6)')) throw new Error('icon.svg has changed')
  for (const [name, svg, width] of [['icon-192', round, 192], ['icon-512', round, 512],
    ['icon-full', full, 512], ['icon-touch', full, 180]]) {
    const image = new Resvg(svg, { fitTo: { mode: 'width', value: width } }).render()
    await writeFile(new URL(`${name}.png`, dist), image.asPng())
  }
}

// The files that a page needs at once, after esbuild's account of what imports what; later: those
// too that it may fetch later.
const shell = async (outputs, page, later = false) => {
  const name = path => path.split('/').pop()
  const found = new Set()
  const walk = path => {
    if (found.has(name(path))) return
    found.add(name(path))
    for (const i of outputs[path].imports) {
      if (outputs[i.path] && (later || i.kind === 'import-statement')) walk(i.path)
    }
  }
  walk(Object.keys(outputs).find(path => name(path) === `${page}.js`))
  await writeFile(new URL(`${page}-shell.json`, dist), JSON.stringify(
    [...found, ...later ? ['qr-worker.js'] : [], `${page}-style.css`, 'icon.svg']))
}

export const makeApp = async outputs => {
  await build({
    absWorkingDir: new URL('.', import.meta.url).pathname,
    entryPoints: {
      'gate-worker': 'src/gate/worker.js',
      'till-worker': 'src/till/worker.js',
      'visitor-worker': 'src/visitor/worker.js',
    },
    outdir: dist.pathname,
    format: 'iife',
    target: ['chrome80', 'ios15'],
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  })
  await shell(outputs, 'till')
  // A gate works without a network for a day: all that it may need is kept.
  await shell(outputs, 'gate', true)
  await icons()
}
