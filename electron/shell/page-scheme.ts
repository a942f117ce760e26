import { protocol, type Session } from 'electron';
import type { Service } from '../contract.ts';

const SCHEME = 'fourfold';

/** Where the page lives: an origin of its own, so that `'self'` in its policy means nothing but this. */
export const PAGE_ORIGIN = `${SCHEME}://app`;
export const PAGE_URL = `${PAGE_ORIGIN}/`;

/** True for an address of the page itself, whatever its path. */
export function isPage(address: string): boolean {
  try {
    const { protocol: scheme, host } = new URL(address);
    return `${scheme}//${host}` === PAGE_ORIGIN;
  } catch {
    return false;
  }
}

/** Must run before Electron is ready. `standard` gives the scheme an origin, `secure` what only secure pages may use. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Page and pixels over the own scheme: no file://, no server, nothing another program could reach. */
export function handleScheme(
  session: Pick<Session, 'protocol'>,
  files: (pathname: string) => Promise<Response>,
  service: Pick<Service, 'pixels'>,
): void {
  session.protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url);
    if (!isPage(request.url)) return new Response('Not found', { status: 404 });
    if (request.method !== 'GET') return new Response('Method not allowed', { status: 405 });
    return url.pathname.startsWith('/pixels/') ? service.pixels(request) : files(url.pathname);
  });
}
