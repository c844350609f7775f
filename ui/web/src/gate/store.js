// What a device keeps in its browser: the pack, and every scan of the last day and a half, with
// those that were not uploaded yet. One record each, so that two tabs never write over each other.
const NAME = 'watari-gate'
const KEEP = 36 * 60 * 60 * 1000 // ms that an uploaded scan stays, to know who was let in here

const done = request => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result)
  request.onerror = () => reject(request.error)
})

export async function open () {
  const asked = indexedDB.open(NAME, 1)
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore('pack')
    asked.result.createObjectStore('scans', { keyPath: 'nonce' })
  }
  const db = await done(asked)
  const store = (name, mode) => db.transaction(name, mode).objectStore(name)
  return {
    pack: () => done(store('pack').get('now')),
    keepPack: pack => done(store('pack', 'readwrite').put(pack, 'now')),
    scans: () => done(store('scans').getAll()),
    // A scan is on the disk before its verdict is shown.
    keep: scan => new Promise((resolve, reject) => {
      const tx = db.transaction('scans', 'readwrite', { durability: 'strict' })
      tx.objectStore('scans').put(scan)
      tx.oncomplete = () => resolve()
      tx.onerror = tx.onabort = () => reject(tx.error)
    }),
    forget: async now => {
      const scans = store('scans', 'readwrite')
      for (const scan of await done(scans.getAll())) {
        if (scan.sent && scan.at < now - KEEP) scans.delete(scan.nonce)
      }
    },
    // Another device begins with nothing: what was kept belongs to the one before.
    clear: async () => {
      await done(store('pack', 'readwrite').clear())
      await done(store('scans', 'readwrite').clear())
    },
  }
}
