import type { EnhanceEvent, EnhanceOptions, EnhanceResult } from './enhance-options.ts';
import { openScratchFolder } from './output/scratch-folder.ts';
import { EngineWork } from './photo-work.ts';
import { NetworkPool } from './run/network-pool.ts';

export type * from './enhance-options.ts';

/**
 * The main job: the photo at `source`, the same photo up to four times larger, checked, under its final name.
 * The source is never written to; on any failure or stop nothing half written is left.
 * @throws FourfoldError with every reason a user may be given; an AbortError when `signal` stopped it
 */
export async function enhancePhoto(
  source: string,
  options: EnhanceOptions,
  onEvent?: (event: EnhanceEvent) => void,
): Promise<EnhanceResult> {
  const scratch = options.scratchDir ? undefined : await openScratchFolder();
  const network =
    options.network ??
    new NetworkPool({ models: options.models, ...(options.openSession && { openSession: options.openSession }) });
  const work = new EngineWork(
    source,
    { ...options, network, scratchDir: options.scratchDir ?? scratch!.path },
    onEvent,
  );
  try {
    await work.prepare();
    if (work.ended) return work.ended;
    await work.enlarge();
    return await work.finish();
  } finally {
    await work.discard().catch(() => {});
    if (!options.network) await network.close();
    await scratch?.remove();
  }
}
