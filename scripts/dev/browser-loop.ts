import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createSocket } from 'node:net';
import { join } from 'node:path';
import { createServer, type ProxyOptions } from 'vite';
import { root } from './build.ts';
import { Child } from './child.ts';
import type { Loop } from './loop.ts';

/**
 * The browser edition with vite's own server before the host, so that a changed component changes in place. The host is
 * the real one with its gate shut: this server holds the token's cookie and passes on what the page asks.
 */
export async function browserLoop(): Promise<Loop> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  let cookie = '';
  let ready = () => {};
  const firstReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const proxy: ProxyOptions = {
    target: origin,
    ws: true,
    changeOrigin: true,
    configure(proxied) {
      const introduce = (request: {
        setHeader(name: string, value: string): void;
        hasHeader(name: string): boolean;
      }) => {
        request.setHeader('cookie', cookie);
        if (request.hasHeader('origin')) request.setHeader('origin', origin);
      };
      proxied.on('proxyReq', introduce);
      proxied.on('proxyReqWs', introduce);
    },
  };
  const server = await createServer({
    configFile: join(root, 'renderer/vite.config.ts'),
    root: join(root, 'renderer'),
    server: {
      host: '127.0.0.1',
      proxy: { '/messages': proxy, '/pixels/': proxy, '/upload': proxy, '/download/': proxy },
    },
  });
  const child = new Child(
    process.execPath,
    [join(root, 'dist/host/main.js'), '--port', String(port)],
    { stdio: ['inherit', 'pipe', 'inherit'] },
    ({ stdout }) =>
      stdout!.on('data', async (chunk: Buffer) => {
        const entry = String(chunk).match(/http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/)?.[0];
        if (!entry) return;
        const answer = await fetch(entry);
        cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
        ready();
        server.ws.send({ type: 'full-reload' });
      }),
  );
  await firstReady;
  await server.listen();
  console.log(`Fourfold is at ${server.resolvedUrls?.local[0]}`);
  return { restart: () => child.replace(), reload: () => server.ws.send({ type: 'full-reload' }) };
}

async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}
