/**
 * What must outlive the page, in the tablet's own database and nowhere else. What a patient had or was given stands here
 * only until the service has it: whoever finds the tablet finds nothing that has arrived.
 */
import { signal } from '@preact/signals';

const NAME = 'precision-dispatch.crew';
const STORE = 'waiting';

/** Whether what waits would survive a restart: a browser may have no room, or forbid it. */
export const survives = signal(true);

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' });
    request.onsuccess = () => {
      // Thrown away under pressure, it is opened anew; what waited is still in the page.
      request.result.onclose = () => {
        opened = null;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function inStore<T>(mode: IDBTransactionMode, action: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    // Written to the disk before it counts as kept: a battery may be pulled.
    const transaction = database.transaction(STORE, mode, { durability: 'strict' });
    const request = action(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Everything kept; nothing where the browser keeps nothing. */
export async function readKept<T>(): Promise<readonly T[]> {
  try {
    return await inStore<T[]>('readonly', (store) => store.getAll());
  } catch {
    survives.value = false;
    return [];
  }
}

/** Whether it still waits: another tab of this tablet may have sent it. */
export async function isKept(id: string): Promise<boolean> {
  if (!survives.peek()) return true;
  return inStore('readonly', (store) => store.count(id)).then(
    (count) => count > 0,
    () => true,
  );
}

export async function keep(item: { readonly id: string }): Promise<void> {
  try {
    await inStore('readwrite', (store) => store.put(item));
    // Asked for where it can be: what waits is not thrown away when the disk runs full.
    void navigator.storage?.persist?.();
  } catch {
    survives.value = false;
  }
}

export const forget = (id: string): Promise<unknown> =>
  inStore('readwrite', (store) => store.delete(id)).catch(() => {});
