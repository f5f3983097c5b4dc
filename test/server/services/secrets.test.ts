import { statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { keptSecrets } from '../../../server/services/secrets.js';

t.test('made once, kept, and for the owner alone', async (t) => {
  const folder = join(t.testdir(), 'data');
  const secrets = await keptSecrets(folder);
  t.same(await keptSecrets(folder), secrets);
  t.equal(statSync(join(folder, 'secrets.json')).mode & 0o777, 0o600);
  t.ok(secrets.secret.length >= 32);
  t.equal(new Set(Object.values(secrets)).size, Object.keys(secrets).length);
});
