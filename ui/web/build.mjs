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

const { metafile } = await build({
  absWorkingDir: new URL('.', import.meta.url).pathname,
  entryPoints: {
    till: 'src/till/main.js',
    'till-style': 'src/till/main.css',
    checkout: 'src/checkout/main.js',
    'checkout-style': 'src/checkout/main.css',
    console: 'src/console/main.js',
    'console-style': 'src/console/main.css',
    phone: 'src/phone/main.js',
    start: 'src/start/main.js',
    'start-style': 'src/start/main.css',
  },
  outdir: dist.pathname,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['chrome80', 'ios15'],
  minify: true,
  metafile: true,
  legalComments: 'none',
  entryNames: '[name]',
  chunkNames: 'part-[hash]',
  plugins: [workerFromFile],
  logLevel: 'warning',
})

await copyFile(new URL('src/icon.svg', import.meta.url), new URL('icon.svg', dist))
await makeApp(metafile.outputs)

for (const name of await readdir(dist)) {
  if (!/\.(js|css)$/.test(name)) continue
  const plain = await readFile(new URL(name, dist))
  await writeFile(new URL(`${name}.gz`, dist), gzipSync(plain, { level: 9 }))
}

await cutFonts()
