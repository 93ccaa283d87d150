// The list of a bulk lookup and its results, in the browser's own database
// (IndexedDB), so that a page that is loaded again goes on where it was. The
// server keeps no list: a closed page asks WhatsApp nothing more.

const NAME = "portrait-bulk";
export const CHUNK = 500;  // rows that are stored, and asked, together

let database = null;

function open() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("run");     // under "run"
      request.result.createObjectStore("chunks");  // by number
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return database;
}

async function act(stores, mode, work) {
  const transaction = (await open()).transaction(stores, mode);
  const result = work(...stores.map((name) => transaction.objectStore(name)));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(result?.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error ?? new Error("The browser's database is full."));
  });
}

/** Replaces everything by a new run. `rows` are lists of cells. */
export async function saveRun(run, rows) {
  await act(["run", "chunks"], "readwrite", (runs, chunks) => {
    chunks.clear();
    for (let at = 0; at < rows.length; at += CHUNK) {
      chunks.put({ rows: rows.slice(at, at + CHUNK), results: null }, at / CHUNK);
    }
    runs.put(run, "run");
  });
}

export const loadRun = () => act(["run"], "readonly", (runs) => runs.get("run"));
export const saveState = (run) => act(["run"], "readwrite", (runs) => { runs.put(run, "run"); });
export const loadChunk = (n) => act(["chunks"], "readonly", (chunks) => chunks.get(n));
export const saveChunk = (n, chunk) => act(["chunks"], "readwrite", (chunks) => { chunks.put(chunk, n); });
export const forgetRun = () => act(["run", "chunks"], "readwrite", (runs, chunks) => {
  runs.clear();
  chunks.clear();
});
