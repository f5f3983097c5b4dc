import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/log.js';
import type { Fanout } from '../../fanout/fanout.js';
import type { Bus } from '../../redis/bus.js';
import type { JoinLine } from '../join-line.js';
import type { Taking } from '../taking.js';
import type { Transport } from '../transport.js';
import { createHoldNews, type HoldNews } from './hold-news.js';
import { createLines, type Lines } from './lines.js';
import { createRedisTime, type RedisTime } from './redis-time.js';
import { Sockets } from './sockets.js';
import { createTalk, type Talk, type TalkServices } from './talk.js';
import { createVerbs, type VerbServices, type Verbs } from './verbs.js';

/** What sockets, streams and single requests over HTTP share: who is connected here, what they ask and what they are told. */
export interface LiveParts {
  readonly time: RedisTime;
  readonly sockets: Sockets;
  readonly news: HoldNews;
  readonly lines: Lines;
  readonly verbs: Verbs;
  readonly talk: Talk;
}

export interface LiveServices extends VerbServices, TalkServices {
  readonly rooms: VerbServices['rooms'] & TalkServices['rooms'];
  readonly fanout: Fanout;
  readonly bus: Pick<Bus, 'subscribe'>;
}

export function createLiveParts(ports: {
  readonly services: LiveServices;
  readonly taking: Taking;
  readonly joinLine: JoinLine;
  readonly transport: Pick<Transport, 'publish'>;
  readonly clock: Clock;
  readonly log: Logger;
}): LiveParts {
  const { services, transport, clock, log } = ports;
  const time = createRedisTime(clock);
  const sockets = new Sockets();
  const news = createHoldNews({ engine: services.engine, sockets, time, clock, log });
  const lines = createLines({ bus: services.bus, publish: transport.publish, clock, log });
  const verbs = createVerbs(services, ports.taking, ports.joinLine, time);
  return { time, sockets, news, lines, verbs, talk: createTalk(services, verbs, lines) };
}
