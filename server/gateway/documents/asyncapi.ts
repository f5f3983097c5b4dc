import type { z } from 'zod';
import {
  diffSchema,
  doneSchema,
  goodbyeSchema,
  heartbeatSchema,
  holdsSchema,
  lineSchema,
  refusedSchema,
  snapshotSchema,
  staleSchema,
  welcomeSchema,
} from '../../../protocol/down.js';
import {
  bestSchema,
  extendSchema,
  helloSchema,
  holdSchema,
  pingSchema,
  queueJoinSchema,
  queueLeaveSchema,
  releaseSchema,
  subscribeSchema,
  swapSchema,
  unsubscribeSchema,
} from '../../../protocol/up.js';
import { BINARY_SUBPROTOCOL, JSON_SUBPROTOCOL, PROTOCOL_VERSION } from '../../../protocol/version.js';
import { jsonSchema } from './openapi.js';

const up = {
  hello: helloSchema,
  subscribe: subscribeSchema,
  unsubscribe: unsubscribeSchema,
  hold: holdSchema,
  best: bestSchema,
  swap: swapSchema,
  release: releaseSchema,
  extend: extendSchema,
  queueJoin: queueJoinSchema,
  queueLeave: queueLeaveSchema,
  ping: pingSchema,
};
const down = {
  welcome: welcomeSchema,
  snapshot: snapshotSchema,
  diff: diffSchema,
  heartbeat: heartbeatSchema,
  stale: staleSchema,
  holds: holdsSchema,
  line: lineSchema,
  done: doneSchema,
  refused: refusedSchema,
  goodbye: goodbyeSchema,
};

/** The socket as AsyncAPI 3, from the schemas that validate. */
export function asyncApi(): object {
  const messages = { ...messagesOf(up, 'input'), ...messagesOf(down, 'output') };
  const refs = (names: object) => Object.keys(names).map((name) => ({ $ref: `#/channels/live/messages/${name}` }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Cavea live',
      version: String(PROTOCOL_VERSION),
      description:
        `Clients send JSON text. The server answers in MessagePack (subprotocol \`${BINARY_SUBPROTOCOL}\`), ` +
        `or with the same frames as JSON (\`${JSON_SUBPROTOCOL}\`).`,
    },
    channels: { live: { address: '/v1/live', messages } },
    operations: {
      clientSends: { action: 'receive', channel: { $ref: '#/channels/live' }, messages: refs(up) },
      serverSends: { action: 'send', channel: { $ref: '#/channels/live' }, messages: refs(down) },
    },
  };
}

function messagesOf(schemas: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): object {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, { name, payload: jsonSchema(schema, io) }]),
  );
}
