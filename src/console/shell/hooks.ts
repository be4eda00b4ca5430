/** What pages hang on to while they are shown. */
import { useEffect, useRef } from 'preact/hooks';
import { type LiveEvent, onCatchUp, onEvent } from './live.ts';
import { session } from './session.ts';

/**
 * Reads now, after every break of the connection, and every two seconds while there is no websocket. `essential`: the
 * page is made of it; whom it is refused to is told that the page is not for them.
 */
export function useCatchUp(read: () => Promise<unknown>, essential?: 'essential'): void {
  const latest = useRef(read);
  latest.current = read;
  const whose = `${session.value?.role} ${session.value?.subject}`;
  useEffect(() => onCatchUp(() => latest.current(), essential === 'essential'), [whose]);
}

/** Hears every live event. */
export function useEvents(hear: (event: LiveEvent) => void): void {
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => onEvent((event) => latest.current(event)), []);
}
