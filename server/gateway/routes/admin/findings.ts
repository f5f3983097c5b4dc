import { type Findings, placeText } from '../../../catalog/import/report.js';

/** What was found in a file, as a problem lists it. */
export function findings({ listed, omitted }: Findings): { pointer: string; place: string; detail: string }[] {
  const all = listed.map(({ place, detail }) => ({
    pointer: 'pointer' in place ? place.pointer : '',
    place: placeText(place),
    detail,
  }));
  return omitted === 0 ? all : [...all, { pointer: '', place: 'elsewhere', detail: `and ${omitted} more` }];
}
