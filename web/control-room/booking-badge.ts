import { h } from '../../client-sdk/elements/dom.js';
import type { StaffBooking } from '../../protocol/admin.js';

const names: Readonly<Record<StaffBooking['status'], string>> = {
  inProgress: 'in progress',
  capturing: 'capturing',
  confirmed: 'confirmed',
  expired: 'expired',
  cancelled: 'cancelled',
  failed: 'failed',
  refunded: 'refunded',
};

export function bookingBadge(status: StaffBooking['status']): HTMLElement {
  return h('span', { class: 'status', 'data-status': status }, names[status]);
}
