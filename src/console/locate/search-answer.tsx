/** What a crew at the door needs of the search: whether somebody is looking, and where they are. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask } from '../shell/api.ts';
import { useCatchUp, useEvents } from '../shell/hooks.ts';
import { named } from './names.ts';
import { Answers } from './parts.tsx';
import type { Search } from './types.ts';

export function SearchAnswer({ callId }: { readonly callId: string }) {
  const searches = useSignal<readonly Search[]>([]);
  const read = async () => {
    const path = `/v1/locate-requests?callId=${encodeURIComponent(callId)}`;
    searches.value = (await ask<{ locateRequests: Search[] }>(path)).locateRequests;
  };
  useCatchUp(read);
  useEffect(() => {
    searches.value = [];
    void read().catch(() => {});
  }, [callId]);
  useEvents((event) => {
    if (event.callId === callId && event.type.startsWith('locate.')) void read().catch(() => {});
  });
  return (
    <>
      {searches.value.map((search) => (
        <section key={search.locateRequestId} class="locate-panel" role="status">
          <p>
            <b>{named(search.reason)}</b> · {named(search.status)}
          </p>
          <Answers answers={search.answers} />
        </section>
      ))}
    </>
  );
}
