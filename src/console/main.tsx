/**
 * The console. Every role has one page, in a folder of its own; the shell around it brings session, live events, keys,
 * alarms, language and theme.
 *
 * To add a page for a role, say `centre`:
 * 1. `pages/centre/page.tsx` with a component as its default export. It is found by its folder's name (`pages.ts`) and
 *    shown at `#/centre`, or `#/centre/SUBJECT` for a subject of the demonstration other than the usual one.
 * 2. `pages/centre/words.ts` with `export const words = { key: { zh, en } } as const`, and in the page
 *    `const say = speak('centre', words)`. No text stands anywhere else: test/console/words.test.ts reads the sources.
 *    Words of the service's vocabularies are in `shell/vocabulary.ts`: `name('unit', 'en-route')`.
 * 3. Data: `ask<Answer>('/v1/…')` (types come from the service's schema files, with `import type`). Keep it in signals,
 *    fill them in `useCatchUp(read)` and follow `useEvents(hear)`; times are `serverNow()`, ticking clocks read `now`.
 * 4. Doing: `attempt(key, what, action)` marks it in `underWay` until it is confirmed and tells refusals.
 * 5. `useKeys(title, keys)` for keys; `raise` and `withdraw` for alarms; `<MapView>` of `shell/map-view.tsx` for a map.
 * 6. Looks: the variables and classes of `shell/style.css`; a `style.css` beside the page, imported by it.
 */
import { render } from 'preact';
import { startAlarms } from './shell/alarms.ts';
import { startKeys } from './shell/keys.ts';
import { startLive } from './shell/live.ts';
import { startSession } from './shell/session.ts';
import { Shell } from './shell/shell.tsx';

render(<Shell />, document.body);
startKeys();
startAlarms();
startLive();
startSession();
