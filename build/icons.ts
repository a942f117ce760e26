import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { type IconPicture, icnsFile, icoFile } from './icon-container.ts';

// `npm run icons`: every icon the installers need, from build/icon.svg.

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const svg = await readFile(here('icon.svg'));

async function picture(edge: number): Promise<IconPicture> {
  // Rendered large and reduced: librsvg draws hairlines at small sizes.
  const large = await sharp(svg, { density: 72 }).resize(1024, 1024).png().toBuffer();
  const png = await sharp(large).resize(edge, edge, { kernel: 'lanczos3' }).png({ compressionLevel: 9 }).toBuffer();
  return { edge, png };
}

const all = await Promise.all([16, 24, 32, 48, 64, 128, 256, 512, 1024].map(picture));
const of = (...edges: number[]) => all.filter(({ edge }) => edges.includes(edge));

await mkdir(here('icons'), { recursive: true });
// Linux reads the size from the name.
for (const { edge, png } of of(16, 24, 32, 48, 64, 128, 256, 512))
  await writeFile(here(`icons/${edge}x${edge}.png`), png);
await writeFile(here('icons/icon.ico'), icoFile(of(16, 24, 32, 48, 64, 128, 256)));
await writeFile(here('icons/icon.icns'), icnsFile(of(16, 32, 64, 128, 256, 512, 1024)));
