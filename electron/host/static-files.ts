import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

export interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** A file of the built page by its URL path, or undefined; nothing outside `folder` can be named. */
export async function staticFile(folder: string, urlPath: string): Promise<StaticFile | undefined> {
  let name: string;
  try {
    name = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  const path = normalize(join(folder, name.endsWith('/') ? `${name}index.html` : name));
  const type = TYPES[extname(path)];
  if (!type || name.includes('\0') || !path.startsWith(normalize(folder) + sep)) return undefined;
  const bytes = await readFile(path).catch(() => undefined);
  return bytes && { type, bytes };
}
