/** What was recorded, latest first: whether it has arrived, by whom, and what was corrected, with the original beside it. */
import { useSignal } from '@preact/signals';
import type { EntryList } from '../../../../care/schema.ts';
import { serverNow } from '../../../shell/clock.ts';
import { clockTime, name } from '../../../shell/language.ts';
import { session } from '../../../shell/session.ts';
import { discard, sendAgain, type Waiting, whyRefused } from '../queue.ts';
import { describe } from './describe.ts';
import { type FormKind, openCorrection } from './drafts.ts';
import { forms } from './forms.ts';
import { say } from './parts.tsx';
import { OpenPicture } from './picture.tsx';
import { type Line, type LineState, lines, type Picture, pictures, write } from './record.ts';
import { goesOn } from './treatment.tsx';

/** The form an entry is corrected with; a destination is said anew instead. */
const formOf: Readonly<Record<EntryList, FormKind | null>> = {
  vitals: 'vitals',
  assessments: 'assessment',
  medications: 'medication',
  procedures: 'procedure',
  history: 'told',
  identities: 'patient',
  destinations: null,
  handovers: 'handover',
  notes: 'note',
};

const signs: Readonly<Record<LineState, string>> = { sent: '✓', waiting: '↻', sending: '↑', refused: '✕' };

function State({ state, by }: { readonly state: LineState; readonly by: string }) {
  const other = by !== session.value?.subject;
  const text = {
    sent: () => say('sent'),
    waiting: () => say('waiting'),
    sending: () => say('sending'),
    refused: () => say('refused'),
  }[state]();
  return (
    <span class={`line-state ${state}`}>
      <span aria-hidden="true">{signs[state]} </span>
      {text}
      {other && ` · ${say('by', { who: by })}`}
    </span>
  );
}

/** Why the service would not take it, and the two ways on. */
export function Refused({ waiting }: { readonly waiting: Waiting }) {
  const sure = useSignal(false);
  return (
    <p class="refused-why">
      <strong class="late">✕ {whyRefused(waiting)}</strong>{' '}
      <button type="button" onClick={() => sendAgain(waiting)}>
        {say('sendAgain')}
      </button>{' '}
      <button
        type="button"
        onClick={() => {
          if (sure.value) discard(waiting);
          sure.value = true;
        }}
      >
        {say(sure.value ? 'discardSure' : 'discard')}
      </button>
    </p>
  );
}

export function Timeline() {
  const shown = lines.value;
  const attached = pictures.value;
  return (
    <section class="card timeline" aria-label={say('timeline')}>
      <h3>{say('timeline')}</h3>
      {shown.length === 0 && attached.length === 0 && <p>{say('nothing')}</p>}
      {attached.length > 0 && (
        <ul class="pictures">
          {attached.map((one) => (
            <Attached key={one.attachmentId} one={one} />
          ))}
        </ul>
      )}
      <ol>
        {shown.map((line) => (
          <Recorded key={`${line.entry.entryId} ${line.state === 'refused'}`} line={line} all={shown} />
        ))}
      </ol>
    </section>
  );
}

function Attached({ one }: { readonly one: Picture }) {
  return (
    <li>
      <OpenPicture one={one} /> <State state={one.state} by={one.by} />
      {one.waiting?.refused && <Refused waiting={one.waiting} />}
    </li>
  );
}

function Recorded({ line, all }: { readonly line: Line; readonly all: readonly Line[] }) {
  const { list, entry, state, by, flags, amendedBy, waiting } = line;
  const withdrawing = useSignal(false);
  const replacedBy = all.find((each) => each.entry.entryId === amendedBy.at(-1));
  const rivals = entry.amends
    ? all.filter(
        (each) => each.entry.amends === entry.amends && each.amendedBy.length === 0 && each.state !== 'refused',
      ).length
    : 0;
  const isPast = amendedBy.length > 0 || entry.withdrawn === true;
  const standsStill = !isPast && state !== 'refused';
  const kind = formOf[list];
  const said = describe(list, entry).filter(Boolean).join(' · ');
  const withdraw = (reason: string) => {
    write(list, { amends: entry.entryId, withdrawn: true, reason }, { at: entry.at });
    withdrawing.value = false;
  };
  return (
    <li class={`line ${state} ${isPast ? 'past' : ''}`}>
      <p class="line-head">
        <time class="figure">{clockTime(entry.at)}</time> <strong>{name('careList', list)}</strong>{' '}
        <State state={state} by={by} />
      </p>
      <p dir="auto" class="line-said">
        {amendedBy.length > 0 ? <s>{said}</s> : said}
      </p>
      {entry.amends && <p class="quiet">{say('corrects', { why: entry.reason || '—' })}</p>}
      {replacedBy && (
        <p class="quiet">
          {say(replacedBy.entry.withdrawn ? 'wasWithdrawn' : 'wasCorrected', { why: replacedBy.entry.reason || '—' })}
        </p>
      )}
      {rivals > 1 && amendedBy.length === 0 && <p class="flag late">⚠ {say('rivals')}</p>}
      {flags.length > 0 && (
        <p class="soon">
          ⚠{' '}
          {flags
            .map((flag) => {
              const [what = flag, field] = flag.split(':');
              return field ? `${name('sign', field)}: ${name('careFlag', what)}` : name('careFlag', what);
            })
            .join(' · ')}
        </p>
      )}
      {waiting?.refused && <Refused waiting={waiting} />}
      {standsStill && (
        <p class="line-actions">
          {list === 'procedures' && goesOn(entry) && (
            <button
              type="button"
              onClick={() => {
                const { entryId: _, at: __, amends: ___, reason: ____, ...fields } = entry;
                const endedAt = new Date(serverNow()).toISOString();
                write(list, { ...fields, endedAt, amends: entry.entryId, reason: say('ended') }, { at: entry.at });
              }}
            >
              {say('endsNow')}
            </button>
          )}
          {kind && (
            <button type="button" onClick={() => openCorrection(kind, line, forms[kind].read(entry))}>
              {say('correct')}
            </button>
          )}
          {withdrawing.value ? (
            [say('slip'), say('wrongPatient'), say('notDone')].map((reason) => (
              <button key={reason} type="button" onClick={() => withdraw(reason)}>
                {say('withdrawFor', { why: reason })}
              </button>
            ))
          ) : (
            <button
              type="button"
              onClick={() => {
                withdrawing.value = true;
              }}
            >
              {say('withdraw')}
            </button>
          )}
        </p>
      )}
    </li>
  );
}
