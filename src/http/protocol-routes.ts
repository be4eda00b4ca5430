/** What the engine decides by, for everybody who works with it to read. */
import type { Deps } from '../deps.ts';
import { roles } from '../domain/vocabulary.ts';
import { ComplaintsReply, describeComplaints, describeProtocol, ProtocolReply } from '../requirement/describe.ts';
import type { App } from './types.ts';

export function registerProtocolRoutes(app: App, deps: Deps): void {
  const config = { access: roles };
  const complaints = describeComplaints(deps.protocol);
  const protocol = describeProtocol(deps.protocol);
  app.get(
    '/v1/complaints',
    {
      config,
      schema: {
        summary: 'Complaints with their questions, zh and en',
        tags: ['protocol'],
        response: { 200: ComplaintsReply },
      },
    },
    async () => complaints,
  );
  app.get(
    '/v1/protocol',
    {
      config,
      schema: {
        summary: 'Version, notice, rules and what they rest on',
        tags: ['protocol'],
        response: { 200: ProtocolReply },
      },
    },
    async () => protocol,
  );
}
