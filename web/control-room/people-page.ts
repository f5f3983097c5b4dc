import { h, type View } from '../../client-sdk/elements/dom.js';
import type { Desk } from './sign-in.js';
import { field, panel, problemLine } from './words.js';

interface Entry {
  readonly id: string;
  readonly name?: string;
  readonly url?: string;
  readonly role?: string;
  readonly kind?: string;
  readonly origins?: readonly string[];
  readonly revokedAt?: number | null;
  readonly waiting?: number;
  readonly dead?: number;
}

/** Staff and API keys, for owners. A token or key is shown once, when it is made. */
export async function peoplePage(desk: Desk): Promise<View> {
  const panels = await Promise.all([staffPanel(desk), keysPanel(desk), endpointsPanel(desk)]);
  return {
    element: h('main', { class: 'page', id: 'content' }, h('h1', {}, 'Staff and keys'), ...panels),
  };
}

async function staffPanel(desk: Desk): Promise<HTMLElement> {
  const name = h('input', { required: true, maxlength: 80 });
  const role = selectOf(['viewer', 'door', 'operator', 'owner']);
  const access = accessList(desk, '/staff', ({ role }) => role ?? '');
  await access.load();
  return panel(
    'Staff',
    access.element,
    h(
      'form',
      {
        class: 'grid',
        name: 'staff',
        submit: (event) => void access.add(event, { name: name.value, role: role.value }),
      },
      field('Name', name),
      field('Role', role),
      h('button', { class: 'button small' }, 'Add'),
    ),
  );
}

async function keysPanel(desk: Desk): Promise<HTMLElement> {
  const name = h('input', { required: true, maxlength: 80 });
  const kind = selectOf(['publishable', 'secret']);
  const origins = h('input', { placeholder: 'https://shop.example' });
  const access = accessList(desk, '/keys', (key) => [key.kind, ...(key.origins ?? [])].join(' · '));
  const body = () => ({
    name: name.value,
    kind: kind.value,
    origins: origins.value.split(/[\s,]+/).filter((origin) => origin !== ''),
  });
  await access.load();
  return panel(
    'API keys',
    access.element,
    h(
      'form',
      { class: 'grid', name: 'key', submit: (event) => void access.add(event, body()) },
      field('Name', name),
      field('Kind', kind),
      field('Origins of pages', origins),
      h('button', { class: 'button small' }, 'Make'),
    ),
  );
}

async function endpointsPanel(desk: Desk): Promise<HTMLElement> {
  const url = h('input', { type: 'url', required: true, maxlength: 500, placeholder: 'https://shop.example/cavea' });
  const describe = ({ waiting = 0, dead = 0 }: Entry) =>
    [waiting > 0 && `${waiting} waiting`, dead > 0 && `${dead} never arrived`].filter(Boolean).join(' · ');
  const access = accessList(desk, '/endpoints', describe);
  await access.load();
  return panel(
    'Where shops hear of bookings',
    access.element,
    h(
      'form',
      { class: 'grid', name: 'endpoint', submit: (event) => void access.add(event, { url: url.value }) },
      field('Address', url),
      h('button', { class: 'button small' }, 'Add'),
    ),
  );
}

/** A list of who or what has access, with a way to revoke each. */
function accessList({ api }: Desk, path: string, describe: (entry: Entry) => string) {
  const trouble = problemLine();
  const secret = h('p', { class: 'secret', hidden: true });
  const rows = h('tbody');

  async function load(): Promise<void> {
    const page = await api.get<{ items: readonly Entry[] }>(`${path}?limit=200`);
    if (page.ok) rows.replaceChildren(...page.body.items.map(row));
  }

  function row(entry: Entry): HTMLElement {
    const revoke = h('button', { class: 'button small quiet', type: 'button', click: () => void end(entry) }, 'Revoke');
    return h(
      'tr',
      {},
      h('td', {}, entry.name ?? entry.url ?? ''),
      h('td', {}, describe(entry)),
      h('td', { class: 'actions' }, (entry.revokedAt ?? undefined) === undefined ? revoke : 'revoked'),
    );
  }

  async function end({ id, name, url }: Entry): Promise<void> {
    if (!confirm(`Revoke the access of ${name ?? url}?`)) return;
    trouble.show(await api.send('DELETE', `${path}/${id}`));
    await load();
  }

  return {
    element: h('div', {}, h('table', {}, rows), trouble.element, secret),
    load,
    async add(event: Event, body: object): Promise<void> {
      event.preventDefault();
      const made = await api.send<{ token?: string; key?: string; secret?: string }>('POST', path, body);
      trouble.show(made);
      secret.hidden = !made.ok;
      if (made.ok) secret.textContent = `Shown this once: ${made.body.token ?? made.body.key ?? made.body.secret}`;
      await load();
    },
  };
}

function selectOf(names: readonly string[]): HTMLSelectElement {
  return h('select', {}, ...names.map((name) => h('option', { value: name }, name)));
}
