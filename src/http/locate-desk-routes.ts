/** Desks of centres and duties of sub-districts: catchments, and how they are told. */
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { Identifier } from '../fleet/schema.ts';
import { DeskInput, DeskView, DutyInput, DutyView } from '../locate/schema.ts';
import { readDesk, readDuty, setDesk, setDuty } from '../operations/set-desk.ts';
import { actorOf } from './access.ts';
import type { App } from './types.ts';

const AtCentre = Type.Object({ centreId: Identifier });
const AtSubdistrict = Type.Object({ subdistrictCode: Type.String({ pattern: '^\\d{9}$' }) });
const tags = ['locate'];

export function registerLocateDeskRoutes(app: App, deps: Deps): void {
  app.put(
    '/v1/locate-desks/:centreId',
    {
      config: { access: ['admin'] },
      schema: {
        summary: 'A centre’s catchment and how it is told beside its desk page; replaces what was set',
        tags,
        params: AtCentre,
        body: DeskInput,
        response: { 200: DeskView },
      },
    },
    (request) => setDesk(deps, request.params.centreId, request.body),
  );
  app.get(
    '/v1/locate-desks/:centreId',
    {
      config: { access: ['admin', 'centre'] },
      schema: {
        summary: 'A desk as it is set, without its secret',
        tags,
        params: AtCentre,
        response: { 200: DeskView },
      },
    },
    (request) => readDesk(deps, request.params.centreId, actorOf(request)),
  );
  app.put(
    '/v1/locate-duties/:subdistrictCode',
    {
      config: { access: ['admin'] },
      schema: {
        summary: 'Who is on duty for a sub-district, and its police; replaces what was set',
        tags,
        params: AtSubdistrict,
        body: DutyInput,
        response: { 200: DutyView },
      },
    },
    async (request) => {
      const { subdistrictCode } = request.params;
      return { subdistrictCode, ...(await setDuty(deps, subdistrictCode, request.body)) };
    },
  );
  app.get(
    '/v1/locate-duties/:subdistrictCode',
    {
      config: { access: ['admin', 'dispatcher'] },
      schema: { summary: 'Who is on duty', tags, params: AtSubdistrict, response: { 200: DutyView } },
    },
    async (request) => {
      const { subdistrictCode } = request.params;
      const { emails, ...duty } = await readDuty(deps, subdistrictCode);
      return { subdistrictCode, ...duty, ...(emails ? { emails: [...emails] } : {}) };
    },
  );
}
