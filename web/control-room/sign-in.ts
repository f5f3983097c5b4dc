import { h } from '../../client-sdk/elements/dom.js';
import type { StaffMemberView } from '../../protocol/admin.js';
import { createStaffApi, type StaffApi } from './staff-api.js';

/** Who is signed in. The token stays in this tab, and is gone with it. */
export interface Desk {
  readonly api: StaffApi;
  readonly token: string;
  readonly me: StaffMemberView;
  readonly mayRun: boolean;
  signOut(): void;
}

const KEY = 'cavea.staff';

/** The desk of the token that this tab has; undefined when it has none that works, or nobody answers. */
export async function currentDesk(): Promise<Desk | undefined> {
  const token = keptToken();
  return token === undefined ? undefined : openDesk(token);
}

/** One that is refused is forgotten: after `currentDesk` gave none, it is a token that nobody could be asked about. */
export function keptToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

async function openDesk(token: string): Promise<Desk | undefined> {
  const api = createStaffApi(token, signOut);
  const me = await api.get<StaffMemberView>('/me');
  return me.ok ? { api, token, me: me.body, mayRun: me.body.role !== 'viewer', signOut } : undefined;
}

export function signOut(): void {
  if (sessionStorage.getItem(KEY) === null) return;
  sessionStorage.removeItem(KEY);
  location.reload();
}

/** @param room what the token opens. */
export function signInPage(room: string, onDesk: (desk: Desk) => void): HTMLElement {
  const token = h('input', { type: 'password', name: 'token', autocomplete: 'off', required: true });
  const trouble = h('p', { class: 'form-problem', role: 'alert', hidden: true });

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const text = token.value.trim();
    const desk = await openDesk(text);
    trouble.hidden = desk !== undefined;
    trouble.textContent = `This token does not open the ${room.toLowerCase()}.`;
    if (!desk) return;
    sessionStorage.setItem(KEY, text);
    onDesk(desk);
  }

  return h(
    'main',
    { class: 'sign-in', id: 'content' },
    h(
      'form',
      { class: 'card', submit: (event) => void submit(event) },
      h('h1', {}, room),
      h('label', {}, 'Staff token', token),
      trouble,
      h('button', { class: 'button' }, 'Sign in'),
      h('p', { class: 'faint' }, 'An owner gives you one, or: npm run cavea -- add-staff NAME ROLE'),
    ),
  );
}
