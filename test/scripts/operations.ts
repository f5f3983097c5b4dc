import { newId } from '../../server/core/random.js';
import type {
  BlockOperation,
  ClaimOperation,
  ConfigureOperation,
  EventRules,
  ExpireOperation,
  ExtendOperation,
  HoldOperation,
  ReleaseBy,
  ReleaseOperation,
  SellOperation,
  SwapOperation,
  UnblockOperation,
  UnsellOperation,
} from '../../server/seatmap/operations.js';
import { rules } from './world.js';

/** Operations in short form. `opId` is new unless given. */

const opId = () => newId('op');

export const hold = (
  holder: string,
  holdId: string,
  seats: number[],
  more: Partial<HoldOperation> = {},
): HoldOperation => ({
  kind: 'hold',
  opId: opId(),
  holder,
  holdId,
  candidates: [seats],
  ...more,
});

export const swap = (
  holder: string,
  holdId: string,
  leaving: number[],
  coming: number[] | number[][],
  id = opId(),
): SwapOperation => ({
  kind: 'swap',
  opId: id,
  holder,
  holdId,
  leaving,
  candidates: coming.every(Array.isArray) ? coming : [coming as number[]],
});

export const extend = (holder: string, holdId: string, id = opId()): ExtendOperation => ({
  kind: 'extend',
  opId: id,
  holder,
  holdId,
});

export const release = (by: ReleaseBy | string, holdId: string, seats?: number[], id = opId()): ReleaseOperation => ({
  kind: 'release',
  opId: id,
  by: typeof by === 'string' ? { holder: by } : by,
  holdId,
  seats,
});

export const claim = (holder: string, holdId: string, bookingId: string, id = opId()): ClaimOperation => ({
  kind: 'claim',
  opId: id,
  holder,
  holdId,
  bookingId,
});

export const sell = (bookingId: string, holdId: string | undefined, seats: number[], id = opId()): SellOperation => ({
  kind: 'sell',
  opId: id,
  bookingId,
  holdId,
  seats,
});

export const unsell = (bookingId: string, seats: number[], id = opId()): UnsellOperation => ({
  kind: 'unsell',
  opId: id,
  bookingId,
  seats,
});

export const block = (staff: string, seats: number[], id = opId()): BlockOperation => ({
  kind: 'block',
  opId: id,
  staff,
  seats,
});

export const unblock = (staff: string, seats: number[], id = opId()): UnblockOperation => ({
  kind: 'unblock',
  opId: id,
  staff,
  seats,
});

export const expire = (): ExpireOperation => ({ kind: 'expire', opId: opId() });

export const configure = (more: Partial<EventRules>): ConfigureOperation => ({
  kind: 'configure',
  opId: opId(),
  rules: { ...rules, ...more },
});
