import { docPages } from './doc-pages.js';

export type ProxyKind = 'nginx' | 'caddy' | 'apache';

interface ProxyPlace {
  /** Holds fullchain.pem and privkey.pem; logs go here. */
  readonly folder: string;
  /** Ports on 127.0.0.1: of the proxy, and of the portal behind it. */
  readonly https: number;
  readonly http: number;
  readonly portal: number;
}

/**
 * What the guide to reverse proxies prints for a program, with ports and files of a test in place of the real ones, inside
 * the least configuration that the program needs around it.
 */
export function proxyConfig(proxy: ProxyKind, place: ProxyPlace): string {
  const { folder, https, http, portal } = place;
  const page = docPages().find(({ path }) => path === 'docs/guides/reverse-proxy.md');
  const printed = page?.blocks.find(({ info }) => info === proxy)?.text;
  if (printed === undefined) throw new Error(`the guide has no block for ${proxy}`);
  const here = printed
    .replaceAll('127.0.0.1:8443', `127.0.0.1:${portal}`)
    .replaceAll(/\/etc\/letsencrypt\/live\/[^/]+/g, folder)
    .replaceAll(/\/var\/log\/(?:nginx|apache2)/g, folder);
  switch (proxy) {
    case 'nginx':
      return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/nginx-${name};`)
    .join('\n  ')}
${here.replace('listen 443 ', `listen 127.0.0.1:${https} `).replace('listen 80;', `listen 127.0.0.1:${http};`)}
}
`;
    case 'caddy':
      // With a certificate of the test's, because the one of the guide comes from outside.
      return here
        .replace(
          '{\n',
          `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\thttp_port ${http}\n\thttps_port ${https}\n`,
        )
        .replace(/^pickup\.clinic\.example \{\n/m, `$&\ttls ${folder}/fullchain.pem ${folder}/privkey.pem\n`);
    case 'apache':
      return `ServerName localhost
ServerRoot ${folder}
PidFile ${folder}/apache.pid
ErrorLog ${folder}/apache.log
Listen 127.0.0.1:${https}
${['mpm_event', 'authz_core', 'env', 'socache_shmcb', 'ssl', 'proxy', 'proxy_http', 'headers']
  .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
  .join('\n')}
${here.replace('*:443', `127.0.0.1:${https}`)}
`;
  }
}
