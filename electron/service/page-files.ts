import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
};

/**
 * Nothing but the page's own files runs or is fetched; no inline script, no inline style.
 * @param connect further sources for `connect-src`, e.g. `ws://127.0.0.1:4711`
 */
export function contentSecurityPolicy(connect = ''): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self'${connect && ` ${connect}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types svelte-trusted-html',
  ].join('; ');
}

/**
 * Headers of every answer that goes to a page: its policy, no sniffing, no framing, no referrer, no other origin.
 * @param connect as for `contentSecurityPolicy`
 */
export function securityHeaders(connect = ''): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(connect),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=()',
  };
}

/**
 * The built page as a function from a URL's path to an answer, for the shell's own scheme and for the localhost host.
 * Only files with a known ending that really lie inside `folder` are given, links out of it are not.
 * @param folder the built renderer, absolute
 * @param headers of every answer, besides its type and how long it may be kept
 */
export function pageFiles(
  folder: string,
  headers: Readonly<Record<string, string>>,
): (pathname: string) => Promise<Response> {
  const nothing = () => new Response('Not here.', { status: 404, headers });
  return async (pathname) => {
    const path = localPath(folder, pathname);
    const type = path && TYPES[extname(path)];
    if (!path || !type) return nothing();
    try {
      const real = await realpath(path);
      if (!real.startsWith((await realpath(folder)) + sep)) return nothing();
      // Built names carry a hash of their content; everything else may change with the next version.
      const kept = pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store';
      return new Response(await readFile(real), {
        headers: { ...headers, 'content-type': type, 'cache-control': kept },
      });
    } catch {
      return nothing();
    }
  };
}

/** The file a URL's path means, or undefined where it tries to leave the folder or is no proper path. */
function localPath(folder: string, pathname: string): string | undefined {
  let name: string;
  try {
    name = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  if (!name.startsWith('/') || /[\\\0:]/.test(name) || name.split('/').some((part) => part.startsWith('.')))
    return undefined;
  return join(folder, name === '/' ? 'index.html' : name);
}
