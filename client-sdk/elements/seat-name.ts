import { words } from './words.js';

/** `Section 101 · Row C · Seat 12` of the label `101-C-12`; `Floor · Place 17` of `Floor-17`. */
export function seatParts(label: string): readonly { readonly name: string; readonly value: string }[] {
  const parts = label.split('-');
  const say = words();
  const last = parts.pop() ?? '';
  if (parts.length < 2) {
    return [
      { name: say.area, value: parts.join('-') },
      { name: say.place, value: last },
    ];
  }
  const row = parts.pop() ?? '';
  return [
    { name: say.section, value: parts.join('-') },
    { name: say.row, value: row },
    { name: say.seat, value: last },
  ];
}

export function seatName(label: string): string {
  return seatParts(label)
    .map(({ name, value }) => `${name} ${value}`)
    .join(' · ');
}
