/** Every reason a user may be given. Closed on purpose: the app translates sentences by code. */
export const ERROR_CODES = [
  'not-a-picture',
  'codec-missing',
  'truncated',
  'damaged',
  'too-many-pixels',
  'source-missing',
  'source-changed',
  'source-unreadable',
  'target-unwritable',
  'disk-full',
  'drive-gone',
  'target-exists',
  'target-is-source',
  'name-too-long',
  'name-forbidden',
  'format-limit',
  'memory-short',
  'device-memory',
  'device-lost',
  'device-unavailable',
  'result-wrong',
  'engine-stopped',
  'engine-unavailable',
  'model-altered',
  'settings-unreadable',
  'queue-in-use',
  'connection-lost',
  'cancelled',
  'wrong-use',
  'not-granted',
  'unexpected',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Values a translated sentence needs, e.g. `{ format: 'WebP', limit: 16383 }`. */
export type ErrorParams = Readonly<Record<string, string | number>>;

/** An error as plain data, for crossing a process. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly params?: ErrorParams;
  /** The file it is about, where there is one. */
  readonly path?: string;
  /** For a developer: the library's own words. */
  readonly detail?: string;
}

export interface ErrorContext {
  readonly params?: ErrorParams;
  readonly path?: string;
  readonly cause?: unknown;
}

/** An error a user may see: a code, and a sentence that says what happened, what is safe and what to do. */
export class FourfoldError extends Error {
  override readonly name = 'FourfoldError';
  readonly code: ErrorCode;
  readonly params: ErrorParams | undefined;
  readonly path: string | undefined;

  constructor(code: ErrorCode, sentence: string, context: ErrorContext = {}) {
    super(sentence, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.params = context.params;
    this.path = context.path;
  }

  toPlain(): PlainError {
    const detail = this.cause instanceof Error ? this.cause.message : undefined;
    return {
      code: this.code,
      sentence: this.message,
      ...(this.params && { params: this.params }),
      ...(this.path !== undefined && { path: this.path }),
      ...(detail !== undefined && { detail }),
    };
  }
}

/** Whether it is one of ours, and of this kind. */
export function isCode(error: unknown, code: ErrorCode): error is FourfoldError {
  return error instanceof FourfoldError && error.code === code;
}

/** The `code` of a Node system error (`ENOSPC`, …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Any thrown value as plain data; one that is not ours becomes `unexpected`, with its words as detail. */
export function toPlainError(error: unknown, path?: string): PlainError {
  if (error instanceof FourfoldError)
    return path === undefined || error.path ? error.toPlain() : { ...error.toPlain(), path };
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'cancelled', sentence: 'Stopped. Nothing half written was left. Start again when you like.' };
  return {
    code: 'unexpected',
    sentence: 'Something unexpected went wrong. The photo was not changed. Try again, and report it if it repeats.',
    ...(path !== undefined && { path }),
    detail: error instanceof Error ? error.message : String(error),
  };
}

/** The error that crossed a process or thread as plain data. */
export function fromPlain({ code, sentence, params, path, detail }: PlainError): FourfoldError {
  return new FourfoldError(code, sentence, {
    ...(params && { params }),
    ...(path !== undefined && { path }),
    ...(detail !== undefined && { cause: new Error(detail) }),
  });
}
