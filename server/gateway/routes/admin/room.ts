import { z } from 'zod';
import {
  presaleAddedSchema,
  presaleCodesSchema,
  roomPlaceSchema,
  roomRulesSchema,
  roomSchema,
} from '../../../../protocol/admin.js';
import { eventIdSchema } from '../../../../protocol/http.js';
import { Fault } from '../../../core/faults.js';
import { countAdmissions, readRoom, setRoom } from '../../../waiting-room/room-rows.js';
import type { Auths } from '../../http/auth.js';
import { type Reply, type Route, route } from '../../http/route.js';
import { staffEvent } from '../../lookup.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';

const params = z.strictObject({ id: eventIdSchema });

/** The waiting room of an event, run by staff. */
export function adminRoomRoutes({ db, catalog, rooms, rules }: Services, { staff }: Auths, act: Act): Route[] {
  async function reply(event: string): Promise<Reply> {
    const { serving, joined } = await rooms.line(event);
    const json = { ...(await readRoom(db, event)), serving, joined, ...(await countAdmissions(db, event)) };
    return { status: 200, json };
  }

  const read = route({
    method: 'GET',
    path: '/v1/admin/events/:id/room',
    role: 'booking',
    summary: 'The waiting room: its rules, how far the line is, how many are inside.',
    auth: staff('viewer'),
    params,
    replies: { 200: { description: 'The room.', schema: roomSchema } },
    errors: ['notFound', 'unavailable'],
    async handle({ params: { id } }) {
      await staffEvent(catalog, id);
      return reply(id);
    },
  });

  const set = route({
    method: 'PUT',
    path: '/v1/admin/events/:id/room',
    role: 'booking',
    summary: 'Opens, pauses or closes the waiting room, and sets how people are called. Everybody keeps their place.',
    auth: staff('operator'),
    idempotent: 'answer',
    params,
    body: roomRulesSchema,
    replies: { 200: { description: 'The room as it is now.', schema: roomSchema } },
    errors: ['notFound', 'unavailable'],
    async handle({ caller, params: { id }, body }) {
      await staffEvent(catalog, id);
      await act(caller, async (tx, audit) => {
        await setRoom(tx, id, body);
        await audit('room.set', { event: id, detail: body });
      });
      await rules.settle(id);
      return reply(id);
    },
  });
  const addCodes = route({
    method: 'POST',
    path: '/v1/admin/events/:id/room/codes',
    role: 'booking',
    summary: 'Adds codes of the presale. They cannot be read again.',
    auth: staff('operator'),
    idempotent: 'answer',
    params,
    body: presaleCodesSchema,
    bodyBytes: 512 * 1024,
    replies: { 200: { description: 'How many are new.', schema: presaleAddedSchema } },
    errors: ['notFound'],
    async handle({ caller, params: { id }, body: { codes, uses } }) {
      await staffEvent(catalog, id);
      const added = await act(caller, async (tx, audit) => {
        const count = await rooms.addCodes(tx, id, codes, uses);
        await audit('room.codes', { event: id, detail: { added: count, uses } });
        return count;
      });
      return { status: 200, json: { added } };
    },
  });
  const byHand = (verb: 'admit' | 'remove', summary: string, run: (event: string, place: number) => Promise<boolean>) =>
    route({
      method: 'POST',
      path: `/v1/admin/events/:id/room/${verb}`,
      role: 'booking',
      summary,
      auth: staff('operator'),
      idempotent: 'answer',
      params,
      body: roomPlaceSchema,
      replies: { 200: { description: 'The room as it is now.', schema: roomSchema } },
      errors: ['notFound', 'unavailable'],
      async handle({ caller, params: { id }, body: { place } }) {
        await staffEvent(catalog, id);
        await act(caller, async (_tx, audit) => {
          if (!(await run(id, place))) throw new Fault('notFound', 'Nobody waits at this place.');
          await audit(`room.${verb}`, { event: id, detail: { place } });
        });
        return reply(id);
      },
    });
  const admit = byHand('admit', 'Lets in whoever waits at this place, before their turn.', rooms.admitPlace);
  const remove = byHand('remove', 'Takes whoever waits at this place out of the line.', rooms.removePlace);
  return [read, set, addCodes, admit, remove];
}
