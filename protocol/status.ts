/**
 * What a viewer sees of a seat, and the two things made from it: the packed map and the digest.
 * Transitions: available → held → sold; held → available (released, lapsed); available ↔ blocked;
 * sold → available (refund). All of them are made by the Lua scripts of the seat engine.
 */
export const Status = { available: 0, held: 1, sold: 2, blocked: 3 } as const;
export type Status = (typeof Status)[keyof typeof Status];

/** Bytes of a packed map: 2 bits a seat, seat i in byte i >> 2 at bit (i & 3) * 2. */
export function packedBytes(seats: number): number {
  return (seats + 3) >> 2;
}

export function getStatus(packed: Uint8Array, index: number): Status {
  return (((packed[index >> 2] ?? 0) >> ((index & 3) << 1)) & 3) as Status;
}

export function setStatus(packed: Uint8Array, index: number, status: Status): void {
  const shift = (index & 3) << 1;
  packed[index >> 2] = ((packed[index >> 2] ?? 0) & ~(3 << shift)) | (status << shift);
}

/** How many of the four seats in a byte are available. */
const availableInByte = Uint8Array.from({ length: 256 }, (_, byte) => {
  const one = Uint8Array.of(byte);
  return [0, 1, 2, 3].filter((at) => getStatus(one, at) === Status.available).length;
});

/** Of the seats from `start` on, `count` of them. */
export function countAvailable(packed: Uint8Array, start: number, count: number): number {
  const end = start + count;
  const [from, to] = [Math.min(end, (start + 3) & ~3), end & ~3];
  let found = 0;
  for (let at = start; at < from; at++) if (getStatus(packed, at) === Status.available) found++;
  for (let byte = from >> 2; byte < to >> 2; byte++) found += availableInByte[packed[byte] ?? 0] ?? 0;
  for (let at = Math.max(from, to); at < end; at++) if (getStatus(packed, at) === Status.available) found++;
  return found;
}

/**
 * 32-bit mix of a key: two multiplications and two shifts, after the finaliser of MurmurHash3.
 * It must not be linear, or equal changes at different seats would cancel in the XOR of the digest.
 * The first factor times a key below 2^21 fits a double, so Lua computes the same without 64-bit integers.
 */
export function mix(key: number): number {
  let x = Math.imul(key, 0x9e3779b1) >>> 0;
  x = (x ^ (x >>> 15)) >>> 0;
  x = Math.imul(x, 0x85ebca77) >>> 0;
  return (x ^ (x >>> 13)) >>> 0;
}

/** A seat's part of the digest. An available seat adds nothing, so an untouched event has digest 0. */
export function seatDigest(index: number, status: Status): number {
  return status === Status.available ? 0 : mix(index * 4 + status);
}

/** Area keys start above every seat key (200,000 seats × 4 < 2^20). */
const AREA_KEYS = 1 << 20;

/** An area's part of the digest: `taken` is capacity minus free places. Up to 64 areas of up to 16,384 places. */
export function areaDigest(area: number, taken: number): number {
  return taken === 0 ? 0 : mix(AREA_KEYS + area * 16_384 + (taken % 16_384));
}

/**
 * The digest of a whole map: XOR over seats (not area places) and areas.
 * @param packed 2-bit map, @param seated number of seats that are not area places, @param taken places taken, by area.
 */
export function mapDigest(packed: Uint8Array, seated: number, taken: readonly number[]): number {
  let digest = 0;
  for (let i = 0; i < seated; i++) digest ^= seatDigest(i, getStatus(packed, i));
  taken.forEach((count, area) => {
    digest ^= areaDigest(area, count);
  });
  return digest >>> 0;
}
