import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * How many threads a run should take: the physical cores this process may use. A second thread on the same core only
 * competes for its vector units.
 */
export function physicalCores(): number {
  const logical = availableParallelism();
  const counted = process.platform === 'linux' ? linuxCores() : undefined;
  // Where the machine does not say: Apple's chips have no second threads; elsewhere two a core is the rule.
  const guess = process.platform === 'darwin' || process.arch === 'arm64' ? logical : Math.ceil(logical / 2);
  return Math.max(1, Math.min(logical, counted ?? guess));
}

/** Distinct groups of sibling threads. */
function linuxCores(): number | undefined {
  try {
    const folder = '/sys/devices/system/cpu';
    const groups = readdirSync(folder)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => readFileSync(`${folder}/${name}/topology/thread_siblings_list`, 'utf8'));
    return new Set(groups).size || undefined;
  } catch {
    return undefined;
  }
}
