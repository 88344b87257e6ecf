import { bootScript } from '../../lib/web/boot-script';
import * as p from './stand-ins/boot-props';
import { Server } from './stand-ins/server';
import { execSync } from 'node:child_process';
const srv = new Server();
srv.boot(bootScript(p.SINGLE_SERVER));
console.log(
  execSync(
    `cd ${srv.root}/etc/systemd/system && mkdir -p ${srv.root}/x && cat site.service certificate.* cache.service postgresql.service.d/*; cat ${srv.root}/etc/nginx/*.conf; cat ${srv.root}/opt/mysite/start ${srv.root}/opt/mysite/environment; ls -la ${srv.root}/opt/mysite ${srv.root}/etc/nginx; for f in *.service *.timer; do systemd-analyze verify ./$f 2>&1 | head -5; done; true`,
    { encoding: 'utf8' },
  ),
);
