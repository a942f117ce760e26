import { fileURLToPath } from 'node:url';

/** The path of a file of test/fixtures. A URL's own `pathname` is none where it holds a drive or a space. */
export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
