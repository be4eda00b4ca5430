/**
 * Keeps the page itself in the browser, so that a tablet that starts anew without a connection still shows it. Never an
 * answer of the service: what is true now only the service knows, and what is said of a patient is not kept here.
 */

interface Lasting extends Event {
  waitUntil(until: Promise<unknown>): void;
}
interface Asked extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
const worker = self as unknown as {
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void;
  addEventListener(type: 'fetch', listener: (event: Asked) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
};

const CACHE = 'precision-dispatch.page';
/** A radio that is half there must not keep the page from being shown. */
const ANSWER_WITHIN_MS = 5_000;

worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== 'GET' || origin !== location.origin) return;
  if (pathname === '/') event.respondWith(newest());
  else if (pathname.startsWith('/page/')) event.respondWith(kept(event.request));
});

/** The service's page while it answers; the one kept when it does not. */
async function newest(): Promise<Response> {
  const cache = await caches.open(CACHE);
  const before = await cache.match('/');
  try {
    const answer = await fetch('/', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (!answer.ok) return before ?? answer;
    const text = await answer.clone().text();
    // Another build has other files; of the one before nothing is asked any more.
    if (before && (await before.text()) !== text)
      await Promise.all((await cache.keys()).map((request) => cache.delete(request)));
    await cache.put('/', answer.clone());
    return answer;
  } catch (error) {
    const again = await cache.match('/');
    if (again) return again;
    throw error;
  }
}

/** The files of the page carry the hash of what is in them: what is kept is right. */
async function kept(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const before = await cache.match(request);
  if (before) return before;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}
