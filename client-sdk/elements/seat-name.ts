/** `Section 101 · Row C · Seat 12` of the label `101-C-12`; `Floor · Place 17` of `Floor-17`. */
export function seatParts(label: string): readonly { readonly name: string; readonly value: string }[] {
  const parts = label.split('-');
  const last = parts.pop() ?? '';
  if (parts.length < 2) {
    return [
      { name: 'Area', value: parts.join('-') },
      { name: 'Place', value: last },
    ];
  }
  const row = parts.pop() ?? '';
  return [
    { name: 'Section', value: parts.join('-') },
    { name: 'Row', value: row },
    { name: 'Seat', value: last },
  ];
}

export function seatName(label: string): string {
  return seatParts(label)
    .map(({ name, value }) => `${name} ${value}`)
    .join(' · ');
}
