/** What crews choose from when they write a care record, and from which values on they are asked to look again. */
import { CareKitReply } from '../care/kit.ts';
import { life } from '../care/record.ts';
import type { Deps } from '../deps.ts';
import { roles } from '../domain/vocabulary.ts';
import type { App } from './types.ts';

export function registerCareKitRoutes(app: App, deps: Deps): void {
  const limits = Object.fromEntries(Object.entries(life).map(([field, [least, most]]) => [field, { least, most }]));
  const kit: CareKitReply = { ...deps.careKit, limits };
  app.get(
    '/v1/care-kit',
    {
      config: { access: roles },
      schema: {
        summary: 'Drugs with unit, routes and usual amounts, procedures, and what no living person shows',
        tags: ['care'],
        response: { 200: CareKitReply },
      },
    },
    async () => kit,
  );
}
