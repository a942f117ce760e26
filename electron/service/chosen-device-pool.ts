import type { Settings } from '../contract.ts';
import { NetworkPool, type NetworkWish } from '../engine/run/network-pool.ts';
import type { NetworkRunner, RunnerOptions } from '../engine/run/network-runner.ts';

/**
 * Sessions for exports and the album, on the device chosen now. A photo asks for every tile, so another choice holds from
 * the next tile on, whenever the photo was added and whatever its journal says.
 */
export class ChosenDevicePool extends NetworkPool {
  readonly #chosen: () => Pick<Settings, 'device' | 'precision'>;

  constructor(
    given: Pick<RunnerOptions, 'models' | 'openSession'>,
    chosen: () => Pick<Settings, 'device' | 'precision'>,
  ) {
    super(given);
    this.#chosen = chosen;
  }

  override runner(wish: NetworkWish): Promise<NetworkRunner> {
    const { device, precision } = this.#chosen();
    return super.runner({ ...wish, device, precision });
  }
}
