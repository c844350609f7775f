// What a device keeps in its browser: the pack, and every scan of the last day and a half, with
// those that were not uploaded yet. One record each, so that two tabs never write over each other.
const NAME = 'watari-gate'
const KEEP = 36 * 60 * 60 * 1000 // ms that an uploaded scan stays, to know who was let in here

const connect = () => new Promise((resolve, reject) => {
  const asked = indexedDB.open(NAME, 2)
  asked.onupgradeneeded = ({ oldVersion }) => {
    if (oldVersion < 1) asked.result.createObjectStore('scans', { keyPath: 'nonce' })
    if (oldVersion === 1) asked.result.deleteObjectStore('pack') // it held its tickets
    asked.result.createObjectStore('pack')
    asked.result.createObjectStore('tickets')
  }
  asked.onsuccess = () => {
    asked.result.onversionchange = () => asked.result.close()
    resolve(asked.result)
  }
  asked.onerror = () => reject(asked.error)
  asked.onblocked = () => reject(new Error('another tab keeps the store as it was'))
})

export async function open () {
  let db = await connect()
  // run is one transaction. A browser may have closed the database behind the page's back: then it
  // is opened again, once.
  const run = async (names, mode, use) => {
    for (let again = false; ; again = true) {
      try {
        db ??= await connect()
        return await new Promise((resolve, reject) => {
          const tx = db.transaction(names, mode, { durability: 'strict' })
          const asked = use(...[names].flat().map(name => tx.objectStore(name)))
          tx.oncomplete = () => resolve(asked?.result)
          tx.onerror = tx.onabort = () => reject(tx.error ?? new Error('aborted'))
        })
      } catch (err) {
        if (again || err?.name !== 'InvalidStateError') throw err
        db = null
      }
    }
  }
  return {
    pack: async () => {
      const pack = await run('pack', 'readonly', packs => packs.get('now'))
      return pack && { ...pack, tickets: await run('tickets', 'readonly', all => all.getAll()) }
    },
    // The tickets of a pack are written with it: all of them, or those that changed.
    keepPack: (pack, rows, whole) => run(['pack', 'tickets'], 'readwrite', (packs, all) => {
      if (whole) all.clear()
      for (const row of rows) all.put(row, row[0])
      packs.put({ ...pack, tickets: undefined }, 'now')
    }),
    // Without its pack a device decides nothing, and knows no key.
    dropPack: () => run(['pack', 'tickets'], 'readwrite', (packs, all) => {
      packs.clear()
      all.clear()
    }),
    scans: () => run('scans', 'readonly', scans => scans.getAll()),
    // A scan is on the disk before its verdict is shown.
    keep: scan => run('scans', 'readwrite', scans => { scans.put(scan) }),
    forget: async now => {
      const all = await run('scans', 'readonly', scans => scans.getAll())
      const old = all.filter(scan => scan.sent && scan.at < now - KEEP)
      if (old.length) {
        await run('scans', 'readwrite', scans => {
          for (const scan of old) scans.delete(scan.nonce)
        })
      }
    },
  }
}

// nowhere is for a browser that keeps nothing: only the network can decide there.
export function nowhere () {
  const refuse = async () => { throw new Error('this browser keeps nothing') }
  return {
    nowhere: true,
    pack: async () => undefined,
    keepPack: refuse,
    dropPack: async () => {},
    scans: async () => [],
    keep: refuse,
    forget: async () => {},
  }
}
