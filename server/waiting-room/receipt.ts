import { createSeal } from '../core/seal.js';

/** `PLACE.LIFE.SIGNATURE`: this holder had this place of this event's line in that life of it. */
export interface Receipts {
  issue(event: string, holder: string, place: number, life: number): string;
  /** Undefined when it is not this holder's receipt of this event. */
  read(event: string, holder: string, receipt: string): { readonly place: number; readonly life: number } | undefined;
}

/** @param secret of the server: every process issues and reads the same ones. */
export function receiptsOf(secret: string): Receipts {
  const seal = createSeal(secret, 'waiting room receipts');
  const textOf = (event: string, holder: string, numbers: string) => [event, holder, numbers].join('\n');
  return {
    issue(event, holder, place, life) {
      const numbers = `${place}.${life}`;
      return `${numbers}.${seal.sign(textOf(event, holder, numbers))}`;
    },
    read(event, holder, receipt) {
      const match = /^((\d{1,12})\.(\d{1,9}))\.([\w-]{22})$/.exec(receipt);
      const [, numbers = '', place = '', life = '', signature = ''] = match ?? [];
      if (!match || !seal.verify(textOf(event, holder, numbers), signature)) return undefined;
      return { place: Number(place), life: Number(life) };
    },
  };
}
