import { basename } from 'node:path';
import type { PlainError } from '../contract.ts';

/** An error as it goes to a page: paths stay on this side, it sees the name. */
export function withoutFolder(error: PlainError): PlainError {
  return error.path === undefined ? error : { ...error, path: basename(error.path) };
}
