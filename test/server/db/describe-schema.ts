import type { Query } from '../../../server/db/pool.js';

/** The schema of a database as SQL that makes it again: what is in server/db/schema.sql. */
export async function describeSchema(db: Query): Promise<string> {
  const tables = await db.query<{ name: string; oid: number }>(
    `select relname as name, oid::int from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
     order by relname`,
  );
  const parts: string[] = [];
  for (const { name, oid } of tables) parts.push(await describeTable(db, name, oid));
  const foreignKeys = await db.query<{ line: string }>(
    `select format('alter table %s add constraint %s %s;', conrelid::regclass, conname, pg_get_constraintdef(oid)) as line
     from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace order by 1`,
  );
  const indexes = await db.query<{ line: string }>(
    `select replace(pg_get_indexdef(i.indexrelid), ' public.', ' ') || ';' as line
     from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = 'public'::regnamespace
       and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))
     order by c.relname`,
  );
  const extensions = await db.query<{ line: string }>(
    "select format('create extension %s;', extname) as line from pg_extension where extname <> 'plpgsql' order by 1",
  );
  const functions = await db.query<{ line: string }>(
    `select pg_get_functiondef(p.oid) || ';' as line from pg_proc p
     where pronamespace = 'public'::regnamespace
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') order by proname`,
  );
  const triggers = await db.query<{ line: string }>(
    `select pg_get_triggerdef(t.oid) || ';' as line from pg_trigger t where not tgisinternal order by tgname`,
  );
  const lines = (rows: readonly { line: string }[]) => rows.map(({ line }) => line).join('\n');
  return `-- The schema after all migrations. Written by test/server/db/schema.test.ts (CAVEA_TEST_UPDATE=1); do not edit.

${lines(extensions)}

${parts.join('\n\n')}

${lines(indexes)}

${lines(foreignKeys)}

${lines(functions).replaceAll(' public.', ' ')}

${lines(triggers).replaceAll(' public.', ' ')}
`;
}

async function describeTable(db: Query, name: string, oid: number): Promise<string> {
  const columns = await db.query<{ line: string }>(
    `select format('  %s %s%s%s%s', attname, format_type(atttypid, atttypmod),
        case when attnotnull then ' not null' else '' end,
        case when attidentity = 'a' then format(' generated always as identity (maxvalue %s)',
          (select seqmax from pg_sequence where seqrelid = pg_get_serial_sequence($2, attname)::regclass)) else '' end,
        coalesce(case when attgenerated = 's' then format(' generated always as (%s) stored', pg_get_expr(adbin, adrelid))
          else ' default ' || pg_get_expr(adbin, adrelid) end, '')) as line
     from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attrelid = $1 and attnum > 0 and not attisdropped order by attnum`,
    [oid, name],
  );
  const constraints = await db.query<{ line: string }>(
    `select format('  constraint %s %s', conname, pg_get_constraintdef(oid)) as line
     from pg_constraint where conrelid = $1 and contype in ('p', 'u', 'c') order by conname`,
    [oid],
  );
  const lines = [...columns, ...constraints].map(({ line }) => line);
  return `create table ${name} (\n${lines.join(',\n')}\n);`;
}
