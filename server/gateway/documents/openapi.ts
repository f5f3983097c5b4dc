import { z } from 'zod';
import { type ErrorCode, statusOf, titleOf } from '../../../protocol/errors.js';
import { problemSchema } from '../../../protocol/http.js';
import type { ReplyDoc, Route } from '../http/route.js';

/** The HTTP interface as OpenAPI 3.1, from the routes themselves: what is served is what is described. */
export function openApi(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cavea',
      version: '1',
      summary: 'Real-time seat maps and bookings.',
      description: 'The socket at `/v1/live` is described in `/asyncapi.json`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer', description: 'The token of `POST /v1/sessions`.' },
        apiKey: { type: 'http', scheme: 'bearer', description: '`pk_…` in browsers, `sk_…` on a shop’s server.' },
        staff: { type: 'http', scheme: 'bearer', description: 'A staff token.' },
      },
    },
  };
}

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  // The parts of a schema that JSON Schema cannot say (raw bytes) carry their description with them.
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function operation(route: Route): object {
  const parameters = [
    ...parametersOf('path', route.params),
    ...parametersOf('query', route.query),
    ...(route.idempotent ? [idempotencyKey] : []),
    ...(route.versioned ? [ifMatch] : []),
  ];
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.path.startsWith('/v1/admin/') ? 'admin' : route.role],
    ...(route.scheme ? { security: [{ [route.scheme]: route.staffRole ? [route.staffRole] : [] }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.bodyLimit === undefined ? {} : { requestBody: requestBody(route) }),
    responses: responses(route),
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Names one intent: sent again, it gets the first answer that took effect.',
  schema: { type: 'string', maxLength: 128 },
};

const ifMatch = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The ETag of the version that is edited.',
  schema: { type: 'string' },
};

/** `GET /v1/events/:id/seats` is `getEventsByIdSeats`. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9:]+/).filter((word) => word !== '' && word !== 'v1');
  const names = words.map((word) => word.replace(/^:/, 'by-')).flatMap((word) => word.split('-'));
  return method.toLowerCase() + names.map((name) => name.charAt(0).toUpperCase() + name.slice(1)).join('');
}

function parametersOf(place: 'path' | 'query', schema: z.ZodType | undefined): object[] {
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
  return Object.entries(shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !field.safeParse(undefined).success,
    schema: jsonSchema(field, 'output'),
  }));
}

function requestBody({ body, rawBodyTypes = ['application/json'] }: Route): object {
  if (!body) {
    return { required: true, content: Object.fromEntries(rawBodyTypes.map((type) => [type, { schema: {} }])) };
  }
  return { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } };
}

function responses({ replies, errors, scheme, staffRole, versioned, bodyLimit }: Route): object {
  const documented: Record<string, object> = {};
  for (const [status, reply] of Object.entries(replies)) documented[status] = response(reply);
  const always: ErrorCode[] = ['badRequest', 'internal', 'timeout'];
  if (scheme) always.push('unauthorized');
  if (scheme === 'session') always.push('rateLimited');
  if (staffRole) always.push('forbidden');
  if (versioned) always.push('preconditionRequired', 'preconditionFailed');
  if (bodyLimit !== undefined) always.push('tooLarge', 'unsupportedType');
  for (const code of new Set([...errors, ...always])) {
    const status = String(statusOf(code));
    const line = `\`${code}\`: ${titleOf(code)}`;
    const before = documented[status];
    const description = before && 'description' in before ? `${before.description}\n${line}` : line;
    documented[status] ??= {
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
    documented[status] = { ...documented[status], description };
  }
  return documented;
}

function response({ description, schema, types }: ReplyDoc): object {
  if (!schema && !types) return { description };
  const json = schema ? jsonSchema(schema, 'output') : {};
  const content = Object.fromEntries(
    (types ?? ['application/json']).map((type) => [type, { schema: type === 'application/json' ? json : {} }]),
  );
  return { description, content };
}
