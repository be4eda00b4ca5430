/** What the forms are made of: buttons a glove can hit, a pad for figures, a time told in steps back from now. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { now, serverNow } from '../../../shell/clock.ts';
import { clockTime, speak } from '../../../shell/language.ts';
import { words } from './words.ts';

export const say = speak('crew-care', words);

interface ChoiceProps<T extends string | number> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly text: ComponentChildren }[];
  readonly chosen: T | null | undefined;
  /** Chosen again it is taken back: null. */
  readonly onChoose: (value: T | null) => void;
  readonly wide?: boolean;
}

/** One of several, by one tap. */
export function Choice<T extends string | number>({ label, options, chosen, onChoose, wide }: ChoiceProps<T>) {
  return (
    <fieldset class={`choice ${wide ? 'wide' : ''}`}>
      <legend>{label}</legend>
      {options.map(({ value, text }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          onClick={() => onChoose(value === chosen ? null : value)}
        >
          {value === chosen && <span aria-hidden="true">✓ </span>}
          {text}
        </button>
      ))}
    </fieldset>
  );
}

export interface Figure {
  /** What one press of + adds. */
  readonly step: number;
  /** Where + and − begin while nothing was entered. */
  readonly from: number;
}

/** The digits after the point that a step needs. */
const placesOf = (step: number) => String(step).split('.')[1]?.length ?? 0;
const LONGEST = 7;

const stepped = (text: string, { step, from }: Figure, by: 1 | -1): string => {
  const value = Number.parseFloat(text);
  const moved = Number.isNaN(value) ? from : value + by * step;
  return String(Number(Math.max(0, moved).toFixed(Math.max(placesOf(step), 1))));
};

/** Only what can become a figure gets in; a keyboard types into the field itself. */
export const asFigure = (typed: string): string => {
  const [whole = '', ...rest] = typed
    .replace(/[,，。]/g, '.')
    .replace(/[^\d.]/g, '')
    .split('.');
  return (rest.length ? `${whole}.${rest.join('')}` : whole).slice(0, LONGEST);
};

interface PadProps {
  readonly value: string;
  readonly figure: Figure;
  readonly onChange: (value: string) => void;
  readonly onNext?: () => void;
}

/** Big keys for a figure, and a step up and down from the last one. */
export function Pad({ value, figure, onChange, onNext }: PadProps) {
  const type = (key: string) => onChange(asFigure(value + key));
  return (
    <fieldset class="pad" aria-label={say('pad')}>
      {['7', '8', '9', '4', '5', '6', '1', '2', '3', '.', '0'].map((key) => (
        <button key={key} type="button" onClick={() => type(key)}>
          {key}
        </button>
      ))}
      <button type="button" aria-label={say('erase')} onClick={() => onChange(value.slice(0, -1))}>
        ⌫
      </button>
      <button type="button" aria-label={say('less')} onClick={() => onChange(stepped(value, figure, -1))}>
        −
      </button>
      <button type="button" aria-label={say('more')} onClick={() => onChange(stepped(value, figure, 1))}>
        +
      </button>
      {onNext ? (
        <button type="button" class="next" onClick={onNext}>
          {say('nextField')}
        </button>
      ) : (
        <button type="button" onClick={() => onChange('')}>
          {say('clear')}
        </button>
      )}
    </fieldset>
  );
}

const MINUTE_MS = 60_000;

interface WhenProps {
  readonly label: string;
  readonly at: string | null;
  readonly onChange: (at: string | null) => void;
  /** Steps back, in minutes; the largest first, 0 for this moment. */
  readonly steps?: readonly number[];
  /** What null means. */
  readonly none?: string;
}

/** When it happened: now, or so many minutes before. Never later than now. */
export function When({ label, at, onChange, steps = [15, 5, 1], none }: WhenProps) {
  const move = (byMinutes: number) => {
    const moved = (at === null ? serverNow() : Date.parse(at)) + byMinutes * MINUTE_MS;
    onChange(moved >= serverNow() && !none ? null : new Date(Math.min(moved, serverNow())).toISOString());
  };
  const ago = at === null ? 0 : Math.round((now.value - Date.parse(at)) / MINUTE_MS);
  const smallest = Math.min(...steps.filter((step) => step > 0));
  const told = (minutes: number) =>
    minutes % 60 === 0 ? say('hours', { count: minutes / 60 }) : say('minutes', { count: minutes });
  return (
    <fieldset class="when">
      <legend>{label}</legend>
      {steps.map((minutes) => (
        <button key={minutes} type="button" onClick={() => move(-minutes)}>
          {minutes === 0 ? say('justNow') : say('earlier', { time: told(minutes) })}
        </button>
      ))}
      <output class="figure">
        {at === null
          ? (none ?? say('now', { time: clockTime(now.value) }))
          : `${clockTime(at)} · ${say('ago', { count: ago })}`}
      </output>
      {at !== null && (
        <>
          <button type="button" onClick={() => move(smallest)}>
            {say('later', { time: told(smallest) })}
          </button>
          <button type="button" onClick={() => onChange(null)}>
            {none ? say('unknownTime') : say('backToNow')}
          </button>
        </>
      )}
    </fieldset>
  );
}

interface LinesProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly most: number;
  readonly rows?: number;
}

/** Words, over one line or several. */
export function Words({ label, value, onChange, most, rows }: LinesProps) {
  const id = useId();
  const typed = (event: { readonly currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
    onChange(event.currentTarget.value);
  return (
    <div class="words">
      <label for={id}>{label}</label>
      {rows ? (
        <textarea id={id} rows={rows} maxLength={most} value={value} dir="auto" onInput={typed} />
      ) : (
        <input id={id} value={value} maxLength={most} dir="auto" autocomplete="off" onInput={typed} />
      )}
    </div>
  );
}
