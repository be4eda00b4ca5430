/** The start page: a role to work as, or several side by side. */
import { signal } from '@preact/signals';
import { loaderOf } from '../../pages.ts';
import { name, speak } from '../../shell/language.ts';
import { addressOf, isDemo } from '../../shell/session.ts';
import { words } from './words.ts';
import './style.css';

const say = speak('start', words);
const roles = ['dispatcher', 'crew', 'centre', 'doctor', 'hospital', 'planner', 'registry', 'admin'] as const;
const PANES_AT_MOST = 4;
const WORD = 'precision-dispatch.guide';

type Role = (typeof roles)[number];

const does = {
  dispatcher: 'dispatcherDoes',
  crew: 'crewDoes',
  centre: 'centreDoes',
  doctor: 'doctorDoes',
  hospital: 'hospitalDoes',
  planner: 'plannerDoes',
  registry: 'registryDoes',
  admin: 'adminDoes',
} as const satisfies Record<Role, string>;

const chosen = signal<readonly Role[]>(['dispatcher', 'crew']);
const isSplit = signal(false);

export default function StartPage() {
  if (isSplit.value) return <SideBySide roles={chosen.value} />;
  const offered = roles.filter((role) => loaderOf(role));
  return (
    <div class="start">
      {isDemo.value && (
        <section>
          <h2>{say('first')}</h2>
          <p>{say('firstHint')}</p>
          <button type="button" class="primary big" onClick={guide}>
            {say('beginGuide')}
          </button>
          <p>{say('silentHint')}</p>
          <button type="button" class="big" onClick={silent}>
            {say('beginSilent')}
          </button>
        </section>
      )}
      <section>
        <h2>{say('chooseRole')}</h2>
        <ul class="roles">
          {offered.map((role) => (
            <li key={role}>
              <a class="role" href={addressOf(role)}>
                {name('role', role)}
              </a>{' '}
              <span>{say(does[role])}</span>{' '}
              <a href={addressOf(role)} target="_blank" rel="noopener">
                {say('openNew')}
              </a>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>{say('several')}</h2>
        <p>{say('severalHint')}</p>
        <fieldset>
          {offered.map((role) => (
            <label key={role}>
              <input type="checkbox" checked={chosen.value.includes(role)} onChange={() => toggle(role)} />{' '}
              {name('role', role)}
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          disabled={chosen.value.length < 2 || chosen.value.length > PANES_AT_MOST}
          onClick={() => {
            isSplit.value = true;
          }}
        >
          {say('showSeveral')}
        </button>{' '}
        <span class="quiet">{say('chooseTwo')}</span>
      </section>
    </div>
  );
}

/** The dispatcher's page finds the word left for it, and lets the phone ring. */
function guide(): void {
  sessionStorage.setItem(WORD, 'call');
  location.hash = addressOf('dispatcher');
}

/** The same, beside the page of the centre that will be asked. */
function silent(): void {
  sessionStorage.setItem(WORD, 'silent');
  chosen.value = ['dispatcher', 'centre'];
  isSplit.value = true;
}

function toggle(role: Role): void {
  const rest = chosen.value.filter((each) => each !== role);
  chosen.value = rest.length < chosen.value.length ? rest : [...rest, role];
}

function SideBySide({ roles }: { readonly roles: readonly string[] }) {
  return (
    <div class="panes">
      {roles.map((role, i) => (
        <iframe
          key={role}
          title={name('role', role)}
          src={`${location.pathname}${addressOf(role)}`}
          // The keys of the first work at once.
          onLoad={({ currentTarget }) => i === 0 && currentTarget.contentWindow?.focus()}
        />
      ))}
    </div>
  );
}
