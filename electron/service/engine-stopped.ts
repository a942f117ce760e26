import { FourfoldError } from '../engine/errors.ts';

/** The process that ran the network (or the service) ended by itself. */
export function engineStopped(path?: string): FourfoldError {
  return new FourfoldError(
    'engine-stopped',
    'The engine stopped and was restarted. Finished tiles are kept. Retry; if repeated, skip this photo.',
    path === undefined ? {} : { path },
  );
}

/** It ended again while it was started: no photo's fault. */
export function engineUnavailable(cause: unknown): FourfoldError {
  return new FourfoldError(
    'engine-unavailable',
    'The engine could not be started. No photo was changed. Start Fourfold again; reinstall it if that does not help.',
    { cause },
  );
}
