// Enlarges the photo it is given through the whole engine, but runs the network on one tile in thirty only and repeats
// pixels for the others: what memory a 100-megapixel photo takes shows in a minute instead of an hour. The session, the
// decoder, the unfinished picture and the encoder are the real ones, at their real sizes.
import { enhancePhoto, type TileKey } from '../../electron/engine/enhance.ts';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { createRaster, type Raster } from '../../electron/engine/photo/raster.ts';
import type { Precision } from '../../electron/engine/run/session.ts';

const [source, output, precision] = process.argv.slice(2);
let tile = 0;
const grey = ({ core }: TileKey): Raster => {
  const raster = createRaster(core.width * 4, core.height * 4, 3, 8);
  raster.data.fill(128);
  return raster;
};
const result = await enhancePhoto(source!, {
  models: await loadModelPair(),
  blend: 0.5,
  device: 'cpu',
  precision: precision as Precision | 'auto',
  output: output!,
  outputIs: 'folder',
  tileCache: { get: (key) => (tile++ % 30 === 0 ? undefined : grey(key)), put: () => {} },
});
console.log(JSON.stringify({ precision: result.precision, seconds: result.timings.total, path: result.path }));
