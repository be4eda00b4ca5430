/** How long a run's steps take where nobody has measured it. */
import type { Habits } from './city.ts';

/** Round guesses about what city services report, the same as of the demonstration's crews; measured legs replace each by itself. */
export const assumedHabits: Habits = {
  dispatch: { kind: 'uniform', least: 30, most: 90 },
  turnout: { kind: 'uniform', least: 30, most: 90 },
  rollingSeconds: 10,
  walk: { kind: 'uniform', least: 60, most: 240 },
  treat: { kind: 'uniform', least: 360, most: 720 },
  handOver: { kind: 'uniform', least: 240, most: 480 },
  tidy: { kind: 'uniform', least: 60, most: 180 },
  transportShare: 0.75,
};
