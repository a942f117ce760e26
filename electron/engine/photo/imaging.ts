import sharp from 'sharp';

// One configured image library for the whole engine; import `sharp` from here and nowhere else.
//
// No operation cache: it would keep decoded pixels of photos already finished. Loaders are refused by content, not by
// name: only the ones below may ever see a byte of a user's file, so an SVG named .png never reaches librsvg.
// `Vips` is for our own scratch files (`sniff.ts` refuses a user's .v file before it gets here).
sharp.cache(false);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadTiff',
    'VipsForeignLoadNsgif',
    'VipsForeignLoadHeif',
    'VipsForeignLoadVips',
  ],
});

export { sharp };
