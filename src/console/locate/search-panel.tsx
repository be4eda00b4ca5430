/** A search in the dispatcher's call: suggested and begun with one key, its ladder, its answer, the likeliest places. */
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { attempt, underWay } from '../shell/actions.ts';
import { ask, pathOf } from '../shell/api.ts';
import { useCatchUp, useEvents } from '../shell/hooks.ts';
import { useKeys } from '../shell/keys.ts';
import { name } from '../shell/language.ts';
import { EvidenceMap } from './evidence-map.tsx';
import { searchShown, type Where, whereabouts } from './found.ts';
import { named, say, standing } from './names.ts';
import { Answers, Evidence, Ladder, Likely } from './parts.tsx';
import type { Reason, Search } from './types.ts';

const reasons: readonly Reason[] = ['callback-unanswered', 'no-answer-at-door', 'address-not-found'];
const OPEN = ['requested', 'accepted', 'escalated'];

interface Props {
  readonly callId: string;
  readonly suggestion: { readonly reason: Reason; readonly why: string } | null;
}

export function SearchPanel({ callId, suggestion }: Props) {
  const requests = useSignal<readonly Search[]>([]);
  const where = useSignal<Where | null>(null);
  const read = async () => {
    const { locateRequests } = await ask<{ locateRequests: Search[] }>(
      `/v1/locate-requests?callId=${encodeURIComponent(callId)}`,
    );
    requests.value = locateRequests;
    if (locateRequests.length) where.value = await ask<Where>(pathOf('v1', 'calls', callId, 'likely-places'));
  };
  useCatchUp(read);
  useEffect(() => {
    requests.value = [];
    where.value = null;
    void read().catch(() => {});
  }, [callId]);
  useEvents((event) => {
    if (event.callId === callId && event.type.startsWith('locate.')) void read().catch(() => {});
  });

  const [request] = [...requests.value].sort((a, b) => Date.parse(b.raisedAt) - Date.parse(a.raisedAt));
  // Drawn on the page's main map while somebody is looked for.
  useSignalEffect(() => {
    const open = requests.value.find(({ status }) => status !== 'closed');
    searchShown.value = open?.status ?? null;
    whereabouts.value = open ? where.value : null;
  });
  useEffect(
    () => () => {
      searchShown.value = null;
      whereabouts.value = null;
    },
    [],
  );
  const isOpen = request !== undefined && OPEN.includes(request.status);
  const busy = underWay.value.has(`locate ${callId}`);
  const raise = (reason: Reason) =>
    void attempt(
      `locate ${callId}`,
      () => say('raising'),
      async () => {
        await ask(pathOf('v1', 'calls', callId, 'locate-requests'), { body: { reason } });
        await read();
      },
    );
  const change = (what: 'search-on' | 'close') =>
    void attempt(
      `locate ${callId}`,
      () => say('changing'),
      async () => {
        await ask(pathOf('v1', 'locate-requests', request?.locateRequestId ?? '', what), { method: 'POST' });
        await read();
      },
    );
  const refute = (placeId: string) =>
    void attempt(
      `locate ${callId}`,
      () => say('refute'),
      async () => {
        await ask(pathOf('v1', 'confirmed-places', placeId, 'refute'), { method: 'POST' });
        await read();
      },
    );
  useKeys(
    () => say('keysTitle'),
    [
      {
        key: 'Alt+L',
        whileTyping: true,
        label: () => say('raise'),
        run: () => raise(suggestion?.reason ?? 'no-answer-at-door'),
        when: () => !isOpen && !busy,
      },
    ],
  );
  const answer = request ? standing(request) : null;
  return (
    <section class="locate-panel" aria-label={say('search')}>
      {!isOpen && (
        <p class={suggestion && !request ? 'locate-suggested' : ''}>
          {suggestion && !request && <b>⚠ {name('locateWhy', suggestion.why)} </b>}
          {reasons.map((reason) => (
            <button
              key={reason}
              type="button"
              class={suggestion?.reason === reason && !request ? 'primary' : ''}
              disabled={busy}
              onClick={() => raise(reason)}
            >
              {named(reason)}
              {(suggestion?.reason ?? 'no-answer-at-door') === reason && <kbd>Alt+L</kbd>}
            </button>
          ))}
        </p>
      )}
      {request && (
        <>
          <p role="status">
            <b>{named(request.reason)}</b> · {named(request.status)}
            {request.flags.map((flag) => (
              <span key={flag} class="tag">
                {named(flag)}
              </span>
            ))}
          </p>
          <Answers answers={request.answers} onRefute={refute} />
          {request.status !== 'closed' && (
            <p>
              {(isOpen || answer?.found === false) && (
                <button type="button" disabled={busy} onClick={() => change('search-on')}>
                  {say('searchOn')}
                </button>
              )}{' '}
              <button type="button" disabled={busy} onClick={() => change('close')}>
                {say('closeSearch')}
              </button>
            </p>
          )}
          <Ladder request={request} />
          {where.value && <Likely places={where.value.places} elsewhere={where.value.elsewhere} />}
          <div class="locate-map">
            <EvidenceMap
              request={{
                evidence: where.value?.evidence ?? request.evidence,
                likelyPlaces: where.value ?? request.likelyPlaces,
                position: request.position,
              }}
              surface={where.value?.surface ?? null}
              chosen={answer?.position ?? null}
            />
          </div>
          <Evidence request={request} />
        </>
      )}
    </section>
  );
}
