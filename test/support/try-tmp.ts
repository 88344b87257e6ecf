import { bootScript } from '../../lib/web/boot-script';
import * as p from './stand-ins/boot-props';
import { Server } from './stand-ins/server';
import { writeFileSync } from 'node:fs';
for (const [k, v] of Object.entries(p)) {
  const s = bootScript(v as any);
  writeFileSync(`/tmp/gen-${k}.sh`, s);
  const srv = new Server();
  if (k === 'SPLIT_DATABASE')
    srv
      .put('data/postgresql/17/PG_VERSION', '17')
      .says('tables-old', 'public.notes\npublic.x')
      .says('tables-target', 'rdsadmin.heartbeat\n');
  const b = srv.boot(s);
  console.log('=====', k, Buffer.byteLength(s), b.code);
  console.log(b.output);
  console.log(b.calls.join('\n'));
  if (k === 'SPLIT_DATABASE') console.log(srv.kept('input-target'), srv.kept('service-file'));
  console.log(srv.boot(s).code);
}
