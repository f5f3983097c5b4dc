import { silentLog } from '../../../server/core/log.js';
import { migrate } from '../../../server/db/migrate.js';

/** A process that migrates the database of argument 1 with the files of argument 2 and prints what it applied. */
const [url = '', folder = ''] = process.argv.slice(2);
const { applied } = await migrate({ url, log: silentLog, folder });
process.stdout.write(JSON.stringify(applied));
