/** A crew between two calls: where it is to wait, which an accepted move may have changed. */
import { signal } from '@preact/signals';
import { placeName, places } from '../../shell/gazetteer.ts';
import { speak } from '../../shell/language.ts';
import { Ways } from './map.tsx';
import { words } from './words.ts';

const say = speak('crew', words);

export interface WaitsAt {
  readonly placeId: string;
  readonly moved: boolean;
}
export const waitsAt = signal<WaitsAt | null>(null);

export function Waiting() {
  const at = waitsAt.value;
  const target = at && places.value.get(at.placeId)?.position;
  return (
    <section class="lone waiting">
      <h2>{say('noCall')}</h2>
      <p>{say('noCallHint')}</p>
      {at && (
        <p class={`where ${at.moved ? 'flag soon' : ''}`}>
          {at.moved && '➜ '}
          {say(at.moved ? 'movedTo' : 'waitsAt', { place: placeName(at.placeId) })}
        </p>
      )}
      {target && <Ways target={target} />}
    </section>
  );
}
