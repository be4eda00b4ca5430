/** Makes the page start without a connection; a browser allows it where the page came by TLS or from this machine. */
import workerUrl from './offline-worker.ts?worker&url';

/** As the worker calls it. */
const CACHE = 'precision-dispatch.page';

export async function keepPage(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  try {
    await navigator.serviceWorker.register(workerUrl, { scope: '/' });
    // What was loaded before the worker was there it never saw.
    const loaded = performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name))
      .filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith('/page/'));
    const cache = await caches.open(CACHE);
    await cache.addAll(['/', ...new Set(loaded.map(({ pathname }) => pathname))]);
  } catch (error) {
    console.warn('the page is not kept', error);
  }
}
