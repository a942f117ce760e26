import { expect, test } from 'vitest';
import { checkParams, DEFAULT_SETTINGS, PAGE_METHODS, type PageMethod, type Params } from '../../electron/contract.ts';
import { createService } from '../../electron/service/service.ts';
import { scratchFolder, serviceOptions } from '../service/test-service.ts';
import { inProcess, overHost, overPort } from './carriers.ts';
import { contractSuite } from './suite.ts';

for (const carrier of [inProcess, overPort, overHost]) contractSuite(carrier);

const settings = DEFAULT_SETTINGS.export;
const device = { device: 'cpu', precision: 'fp32' } as const;
const region = { x: 0, y: 0, width: 1, height: 1 };

/** Something that the check of each method lets through, about photos and jobs that are not there. */
const SAMPLES: { readonly [M in PageMethod]: Params<M> } = {
  'app.hello': {},
  'banner.dismiss': { banner: 'none' },
  'photos.open': { grants: [] },
  'photos.list': {},
  'photos.close': { photos: [] },
  'photo.show': { photo: 'none' },
  'recent.list': {},
  'recent.open': { recent: 'none' },
  'recent.clear': {},
  'view.set': { photo: 'none', number: 1, region, blends: [50], enhance: 'off' },
  'view.clear': {},
  'blend.set': { photos: [], value: null },
  'blend.album': { value: 50 },
  'blend.undo': {},
  'blend.redo': {},
  'export.estimate': { photos: ['none'], settings },
  'export.start': { photo: 'none', settings },
  'export.cancel': { job: 'none' },
  'export.dismiss': { job: 'none' },
  'album.add': { photos: [], settings },
  'album.list': {},
  'album.pause': {},
  'album.resume': {},
  'album.cancel': {},
  'album.retry': {},
  'album.clear': {},
  'album.recover': { choice: 'discard' },
  'device.choose': device,
  'device.test': device,
  'settings.set': {},
  'cache.size': {},
  'cache.clear': {},
};

test('every page method of the contract is carried out by the service', async () => {
  const folder = scratchFolder();
  const service = await createService(serviceOptions(folder.path));
  expect(Object.keys(SAMPLES).sort()).toEqual(Object.keys(PAGE_METHODS).sort());
  for (const [method, params] of Object.entries(SAMPLES)) {
    expect(checkParams(method, params, 'page')).toHaveProperty('value');
    const answer = await service.answer({ id: 1, method, params }, 'page');
    // A photo that is not there is refused in words; a method that is not there would be a fault of the program.
    if ('error' in answer) expect(answer.error.code, `${method}: ${answer.error.detail}`).not.toBe('unexpected');
  }
  await service.close();
  folder.remove();
});
