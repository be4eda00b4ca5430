/** The span and the grouping of what is shown, and the same as a file. */
import { speak } from '../../shell/language.ts';
import { session } from '../../shell/session.ts';
import { chosen, days, type Group, groupBy, groups, query, readTimes, saveAs, spanNow, spans } from './data.ts';
import { groupWords } from './figures.ts';
import { words } from './words.ts';

const say = speak('planner', words);

export function Choices() {
  return (
    <div class="choices">
      <label>
        {say('days')}{' '}
        <select
          value={days.value}
          onChange={({ currentTarget }) => {
            days.value = Number(currentTarget.value);
            void readTimes();
          }}
        >
          {spans.map((span) => (
            <option key={span} value={span}>
              {say('lastDays', { days: span })}
            </option>
          ))}
        </select>
      </label>
      <label>
        {say('groupBy')}{' '}
        <select
          value={groupBy.value}
          onChange={({ currentTarget }) => {
            chosen.value = undefined;
            groupBy.value = currentTarget.value as Group;
            void readTimes();
          }}
        >
          {groups.map((by) => (
            <option key={by} value={by}>
              {say(groupWords[by])}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        onClick={() => void download('/v1/response-times.csv', `response-times-${groupBy.value}.csv`)}
      >
        {say('csv')}
      </button>
    </div>
  );
}

/** A file is asked for with the token, which no link carries. */
export async function download(path: string, file: string): Promise<void> {
  const headers = { authorization: `Bearer ${session.peek()?.token ?? ''}` };
  const answer = await fetch(
    `${path}?${query({ ...spanNow(), ...(path.endsWith('csv') ? { groupBy: groupBy.peek() } : {}) })}`,
    { headers },
  );
  saveAs(await answer.blob(), answer.headers.get('content-type') ?? '', file);
}
