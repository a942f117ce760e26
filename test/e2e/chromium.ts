import packaged from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** Why there is no browser here; undefined when there is one. */
export const withoutBrowser: string | undefined =
  process.platform === 'linux' && process.arch === 'x64' ? undefined : 'the packaged Chromium is for Linux on x64';

export interface ChromiumOptions {
  /** Without the software GPU; `FOURFOLD_GPU=1 npx vitest run test/e2e` is the other way of running every case. */
  readonly disableGpu?: boolean;
}

/** A real Chromium out of an npm package, for where Playwright's own download is not reachable. */
export async function openChromium({
  disableGpu = process.env.FOURFOLD_GPU === undefined,
}: ChromiumOptions = {}): Promise<Browser> {
  // Not the package's own switches: one process for everything would hide what a real browser does.
  const gpu = disableGpu ? ['--disable-gpu'] : ['--use-gl=angle', '--use-angle=swiftshader', '--ignore-gpu-blocklist'];
  return chromium.launch({
    executablePath: await packaged.executablePath(),
    args: ['--no-sandbox', '--force-color-profile=srgb', '--font-render-hinting=none', ...gpu],
    headless: true,
  });
}
