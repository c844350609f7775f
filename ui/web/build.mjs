// build.mjs bundles the scripts and styles of the pages into ui/theme/dist, where Go embeds
// them. Every file that compresses gets a .gz twin, so that the server never compresses.
import { build } from 'esbuild'
import { gzipSync } from 'node:zlib'
import { copyFile, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { makeApp } from './app.mjs'
import { cutFonts } from './fonts.mjs'

const dist = new URL('../theme/dist/', import.meta.url)

// qr-scanner starts its worker from a blob: address, which the pages' content security policy
// forbids. Its source is written out as a file of its own, and the worker started from there.
const workerFromFile = {
  name: 'qr-scanner-worker',
  setup (b) {
    b.onLoad({ filter: /qr-scanner-worker\.min\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const [, body] = source.match(/new Blob\(\[`([\s\S]*)`\]/) ?? []
      if (!body || /(?<!\\)\$\{/.test(body)) throw new Error(`${path}: no worker source found`)
      // The source stands in a template literal: undo its escapes.
      const worker = body.replace(/\\([`\\$])/g, '$1')
      await writeFile(new URL('qr-worker.js', dist), worker)
      return {
        contents: "export const createWorker = () => new Worker(new URL('qr-worker.js', " +
          'import.meta.url).href)',
      }
    })
  },
}

for (const name of await readdir(dist)) {
  if (name !== '.gitkeep') await rm(new URL(name, dist), { recursive: true })
}

// What all bundles have in common.
const common = {
  absWorkingDir: new URL('.', import.meta.url).pathname,
  outdir: dist.pathname,
  bundle: true,
  format: 'esm',
  target: ['chrome80', 'ios15'],
  minify: true,
  legalComments: 'none',
  entryNames: '[name]',
  chunkNames: 'part-[hash]',
  logLevel: 'warning',
}

const { metafile } = await build({
  ...common,
  entryPoints: {
    till: 'src/till/main.js',
    'till-style': 'src/till/main.css',
    checkout: 'src/checkout/main.js',
    'checkout-style': 'src/checkout/main.css',
    console: 'src/console/main.js',
    'console-style': 'src/console/main.css',
    gate: 'src/gate/main.js',
    'gate-style': 'src/gate/main.css',
    phone: 'src/phone/main.js',
    start: 'src/start/main.js',
    'start-style': 'src/start/main.css',
  },
  splitting: true,
  metafile: true,
  plugins: [workerFromFile],
})

// The visitor's app comes over slow links: each of its files is whole, so that a page asks for one
// script and not for the parts that it shares with others.
const visitorEntries = {
  visitor: 'src/visitor/main.js',
  'visitor-style': 'src/visitor/main.css',
  park: 'src/visitor/park.js',
  'park-map': 'src/visitor/map.js',
  'park-style': 'src/visitor/park.css',
}
await build({ ...common, entryPoints: visitorEntries })

await copyFile(new URL('src/icon.svg', import.meta.url), new URL('icon.svg', dist))
await makeApp(metafile.outputs)

for (const name of await readdir(dist)) {
  if (!/\.(js|css)$/.test(name)) continue
  const plain = await readFile(new URL(name, dist))
  await writeFile(new URL(`${name}.gz`, dist), gzipSync(plain, { level: 9 }))
}

await cutFonts()
