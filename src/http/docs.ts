/** `/docs`: the API described from the very schemas that check it, with the roles that may use each route. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { App } from './types.ts';

export async function registerDocs(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'precision-dispatch',
        version: '0.1.0',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      security: [{ bearer: [] }],
    },
    transform({ schema, url, route }) {
      const access = route.config?.access ?? 'public';
      if (access === 'public') return { schema: { ...schema, security: [] }, url };
      const description = [schema?.description, `For: ${access.join(', ')}.`].filter(Boolean).join(' ');
      return { schema: { ...schema, description }, url };
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
}
