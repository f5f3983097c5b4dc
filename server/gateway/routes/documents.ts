import { z } from 'zod';
import { chartJsonSchema } from '../../catalog/chart-source.js';
import { asyncApi } from '../documents/asyncapi.js';
import { docsPage } from '../documents/docs-page.js';
import { openApi } from '../documents/openapi.js';
import type { Auths } from '../http/auth.js';
import { type Route, route } from '../http/route.js';

/** The interface's own description, made from the schemas that validate. */
export function documentRoutes(described: readonly Route[], { anybody }: Auths): readonly Route[] {
  const document = (path: string, summary: string, make: () => object) => {
    let text: string | undefined;
    return route({
      method: 'GET',
      path,
      role: 'view',
      summary,
      auth: anybody,
      shared: true,
      replies: { 200: { description: 'The document.', schema: z.looseObject({}) } },
      errors: [],
      handle: () => {
        text ??= JSON.stringify(make());
        return {
          status: 200,
          bytes: text,
          type: 'application/json',
          headers: { 'cache-control': 'public, max-age=60' },
        };
      },
    });
  };
  const docs: Route = route({
    method: 'GET',
    path: '/docs',
    role: 'view',
    summary: 'This interface for people.',
    auth: anybody,
    replies: { 200: { description: 'A page.', types: ['text/html'] } },
    errors: [],
    handle: () => ({
      status: 200,
      bytes: docsPage(all),
      type: 'text/html; charset=utf-8',
      headers: { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'" },
    }),
  });
  const documents: readonly Route[] = [
    document('/openapi.json', 'This interface as OpenAPI 3.1.', () => openApi(all)),
    document('/asyncapi.json', 'The socket as AsyncAPI 3.', asyncApi),
    document('/schemas/chart.json', 'The format of charts as JSON Schema.', chartJsonSchema),
    docs,
  ];
  const all: readonly Route[] = [...described, ...documents].filter(({ internal }) => !internal);
  return documents;
}
