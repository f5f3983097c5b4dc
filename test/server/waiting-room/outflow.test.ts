import t from 'tap';
import { waitOf } from '../../../protocol/line.js';
import { diceOf } from '../../../server/core/dice.js';
import { outflowOf } from '../../../server/waiting-room/outflow.js';
import { type Stays, stayAges } from '../../../server/waiting-room/room-rows.js';

/** What people in a line are told of their waiting, and how long they have waited then. */
const minute = 60_000;
const rules = { maxActive: 60, ratePerMinute: 240, admissionMs: 10 * minute };
const unknown: Stays = { ended: [], going: [] };

/** A line in which everybody stays as long as `stay` says, in ms: when each is called, and when their stay ends. */
function simulate(people: number, stay: () => number) {
  const [calledAt, ends]: [number[], number[]] = [[], []];
  for (let now = 0; calledAt.length < people; now += 1_000) {
    let active = ends.filter((end) => end > now).length;
    for (let calls = 0; calls < rules.ratePerMinute / 60 && active < rules.maxActive; calls++, active++) {
      calledAt.push(now);
      ends.push(now + Math.min(rules.admissionMs, stay()));
    }
  }
  return { calledAt, ends };
}

function staysAt(now: number, { calledAt, ends }: ReturnType<typeof simulate>): Stays {
  const [ended, going] = [new Array<number>(stayAges).fill(0), new Array<number>(stayAges).fill(0)];
  for (const [at, called] of calledAt.entries()) {
    if (called > now || called <= now - 2 * rules.admissionMs) continue;
    const end = ends[at] ?? 0;
    const age = Math.min(stayAges - 1, Math.floor(((Math.min(end, now) - called) / rules.admissionMs) * stayAges));
    const ages = end <= now ? ended : going;
    ages[age] = (ages[age] ?? 0) + 1;
  }
  return { ended, going };
}

/** Told at `atMinute` to whoever has so many before them: waited ÷ likely, and whether nearly surely was enough. */
function told(line: ReturnType<typeof simulate>, atMinute: number, ahead: number) {
  const now = atMinute * minute;
  const served = line.calledAt.filter((called) => called <= now).length;
  const active = line.ends.slice(0, served).filter((end) => end > now).length;
  const outflow = outflowOf(rules, { active, parties: 1_000 }, staysAt(now, line));
  const [likely, surely] = waitOf(ahead, outflow) ?? fail();
  const waited = (line.calledAt[served + ahead - 1] ?? fail()) - now;
  return { ratio: waited / likely, isInTime: waited <= surely };
}

function fail(): never {
  throw new Error('nothing is known');
}

t.test('nothing known: half of the time that one may stay', async (t) => {
  const { likely, surely } = outflowOf(rules, { active: 60, parties: 999 }, unknown);
  const perStay = ((likely.at(-1) ?? 0) - (likely.at(-2) ?? 0)) / 0.8;
  t.ok(Math.abs(perStay - 120) < 10, `${perStay} of 60 who stay for half of it`);
  t.ok((surely.at(-1) ?? 0) < 0.8 * (likely.at(-1) ?? 0), `${surely} and ${likely}`);
});

t.test('room inside: at the rate; then one for each who leaves; nothing is promised of the last seats', async (t) => {
  const outflow = outflowOf(rules, { active: 20, parties: 99 }, { ended: [], going: [20] });
  t.equal(outflow.room, 40);
  t.ok((waitOf(40, outflow)?.[0] ?? fail()) <= minute / 2);
  const slow = outflowOf({ ...rules, ratePerMinute: 10 }, { active: 20, parties: 99 }, { ended: [], going: [20] });
  t.same(waitOf(40, slow)?.[0], 4 * minute, 'no faster than they may');
  const scarce = outflowOf(rules, { active: 20, parties: 10 }, { ended: [], going: [20] });
  t.ok((waitOf(10, scarce)?.[0] ?? fail()) <= minute / 2);
  t.equal(waitOf(11, scarce), undefined);
  t.same(outflowOf(rules, { active: 80, parties: -5 }, unknown).room, 0, 'fewer may be in than are');
});

t.test('who has stayed long has not left early: stays that go on count', async (t) => {
  const at = (age: number) => Array.from({ length: stayAges }, (_, one) => (one === age ? 60 : 0));
  const within = (stays: Stays) => waitOf(30, outflowOf(rules, { active: 60, parties: 999 }, stays))?.[0] ?? fail();
  const [young, old] = [within({ ended: [], going: at(0) }), within({ ended: [], going: at(12) })];
  t.ok(old < young, `${old} ms when all have been in for long, ${young} ms when all have come now`);
  t.ok(within({ ended: at(2), going: at(0) }) < 3 * minute, 'others have left after an eighth of their time');
});

t.test('the likely time is the middle one, and the other holds for nine of ten', async (t) => {
  const kinds: Record<string, (dice: () => number) => number> = {
    'two or three minutes': (dice) => (1 - 1.5 * Math.log(1 - dice())) * minute,
    'a fifth does not come': (dice) => (dice() < 0.2 ? 1.5 * minute : (3 + 4 * dice()) * minute),
    'most stay as long as they may': (dice) => (6 + 10 * dice()) * minute,
  };
  for (const [kind, stay] of Object.entries(kinds)) {
    const lines = Array.from({ length: 20 }, (_, seed) => {
      const dice = diceOf(seed + 1);
      return simulate(600, () => stay(dice));
    });
    for (const ahead of [20, 150]) {
      const all = lines.map((line) => told(line, 12, ahead));
      const ratios = all.map(({ ratio }) => ratio).sort((a, b) => a - b);
      const middle = ratios[10] ?? 0;
      t.ok(middle > 0.8 && middle < 1.2, `${kind}, ${ahead} before: waited ${middle.toFixed(2)} of what was likely`);
      for (const minutes of [1, 4, 8, 12]) {
        const inTime = lines.filter((line) => told(line, minutes, ahead).isInTime).length;
        t.ok(inTime >= 18, `${kind}, ${ahead} before after ${minutes} minutes: ${inTime} of 20 in time`);
      }
    }
  }
});
