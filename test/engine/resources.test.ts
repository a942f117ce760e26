import { execFileSync } from 'node:child_process';
import { totalmem } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { availableByVmStat, freeMemory } from '../../electron/engine/resources.ts';

vi.mock('node:child_process', () => ({ execFileSync: vi.fn() }));

// A Mac of 16 GB with a few programs open: 0.1 GB lie wholly free, the rest is handed over on demand.
const VM_STAT = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                                6203.
Pages active:                            339871.
Pages inactive:                          332815.
Pages speculative:                         6224.
Pages throttled:                              0.
Pages wired down:                        128634.
Pages purgeable:                          12771.
"Translation faults":                 412896211.
Pages copy-on-write:                   14523672.
File-backed pages:                       198533.
`;

describe('memory that can be had', () => {
  const { platform } = process;
  afterEach(() => Object.defineProperty(process, 'platform', { value: platform }));

  it('counts on a Mac what its programs give back, in pages of the size it tells', () => {
    expect(availableByVmStat(VM_STAT)).toBe((6203 + 332815 + 6224 + 12771) * 16384);
    expect(availableByVmStat(VM_STAT.replace('16384 bytes', '4096 bytes'))).toBe((6203 + 332815 + 6224 + 12771) * 4096);
    expect(availableByVmStat(VM_STAT.replace(/Pages speculative.*\n/, ''))).toBe((6203 + 332815 + 12771) * 16384);
  });

  it('says nothing of a text that is none of vm_stat’s', () => {
    expect(availableByVmStat('')).toBeUndefined();
    expect(availableByVmStat('vm_stat: not found')).toBeUndefined();
    expect(availableByVmStat(VM_STAT.replace(/Pages free.*\n/, ''))).toBeUndefined();
  });

  it('is asked of vm_stat on a Mac, and taken for all there is where that fails', () => {
    Object.defineProperty(process, 'platform', { value: 'darwin' });
    vi.mocked(execFileSync).mockReturnValueOnce(VM_STAT);
    expect(freeMemory()).toBe((6203 + 332815 + 6224 + 12771) * 16384);
    vi.mocked(execFileSync).mockImplementationOnce(() => {
      throw Object.assign(new Error('spawn vm_stat ENOENT'), { code: 'ENOENT' });
    });
    expect(freeMemory()).toBe(totalmem());
  });
});
