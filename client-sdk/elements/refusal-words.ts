import type { Refusal } from '../result.js';

/** What a refusal means for the buyer, and what they can do. */
const sentences: Partial<Record<Refusal['reason'], string>> = {
  taken: 'Someone was faster: that seat has just been taken.',
  limit: 'That would be more seats than one buyer may have.',
  holdTime: 'This hold cannot be made any longer. Please check out now.',
  notOpen: 'The sale has not opened yet.',
  closed: 'The sale is over.',
  paused: 'The sale is paused for a moment. Your held seats stay yours.',
  codeNeeded: 'This is a presale: until it ends a code is needed.',
  codeWrong: 'This code is not known here, or has been used already.',
  notAdmitted: 'This event has a waiting room, and your turn has not come yet.',
  priceChanged: 'The prices have changed. Please release the seats and choose again.',
  unknownTicketType: 'This ticket is no longer sold. Please choose another one.',
  gone: 'These seats are no longer held for you. Please choose again.',
  paying: 'These seats are being paid for already.',
  soldOut: 'There are not enough places left.',
  heldTooLong: 'You have held seats of this event for as long as one buyer may. Others have a turn now.',
  accessible: 'This place is kept for people who use a wheelchair and those who come with them.',
  orphan: 'That would leave a single seat beside it that nobody could use. There is another one as good.',
  noRun: 'No seats are left that fit this wish.',
  rateLimited: 'That was too fast for us. Please wait a moment.',
  unavailable: 'The box office is not available right now. Nothing is lost: try again shortly.',
  timeout: 'That took too long. Please try again.',
  notFound: 'There is nothing here. It may have been taken down.',
};

export function inWords(refusal: Refusal): string {
  return sentences[refusal.reason] ?? refusal.message;
}
