/** The embedded way to run: from the first command to ready, and again later. */
import { join } from 'node:path';
import type { Ground } from './ground.ts';
import { judged, median, type ResultRow, round } from './rows.ts';

const MOST_SECONDS = { first: 30, later: 8 };

export async function benchEmbedded(ground: Ground, { starts }: { readonly starts: number }): Promise<ResultRow[]> {
  const first: number[] = [];
  const later: number[] = [];
  for (let i = 0; i < starts; i++) {
    const env = { DATA_DIR: join(ground.folder, `embedded-${i}`) };
    for (const seconds of [first, later]) {
      const service = await ground.serve('src/main.ts', env, `embedded-${i}`);
      seconds.push(service.readySeconds);
      await service.stop();
    }
  }
  const row = (figure: string, values: readonly number[], what: string): ResultRow => ({
    benchmark: 'embedded',
    figure,
    value: round(median(values)),
    unit: 's',
    conditions: `from the start of the process to the line that says ready, ${what}; median of ${starts}`,
  });
  return [
    judged(row('first start', first, 'an empty DATA_DIR, the demonstration district filed'), {
      atMost: MOST_SECONDS.first,
    }),
    judged(row('later start', later, 'the same DATA_DIR'), { atMost: MOST_SECONDS.later }),
  ];
}
