import { createReadStream, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import sharp from 'sharp';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type Checked,
  type Events,
  type Hello,
  type Method,
  type PageMethod,
  type PlainError,
  parsePixelsUrl,
  type Results,
} from '../../electron/contract.ts';
import { contentSecurityPolicy } from '../../electron/service/page-files.ts';

type Answers = { [M in PageMethod]?: (params: Checked<M>) => Results[M] | Promise<Results[M]> };

/** A picture the scripted host serves pixels of: RGBA at source size. */
export interface ScriptedPicture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Buffer;
}

export interface ScriptedHost {
  readonly url: string;
  readonly requests: { method: string; params: unknown }[];
  /** Pixel addresses asked for, path and query. */
  readonly pixels: string[];
  readonly answers: Answers;
  emit<E extends keyof Events>(event: E, data: Events[E]): void;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/**
 * The built page with a service that says what the test tells it to: for screens and states that real work reaches
 * rarely (a device lost, a full disk, a crashed run), not for pixels.
 */
export async function openScriptedHost(
  page: string,
  hello: Hello,
  pictures: ReadonlyMap<string, ScriptedPicture>,
): Promise<ScriptedHost> {
  const requests: ScriptedHost['requests'] = [];
  const pixels: string[] = [];
  const sockets = new Set<WebSocket>();
  let { banners } = hello;
  const emit: ScriptedHost['emit'] = (event, data) => {
    if (event === 'banners') banners = data as Hello['banners'];
    for (const socket of sockets) socket.send(JSON.stringify({ event, data }));
  };
  const answers: Answers = {
    'app.hello': () => hello,
    'banner.dismiss': ({ banner }) => {
      emit(
        'banners',
        banners.filter(({ id }) => id !== banner),
      );
      return null;
    },
  };

  const server: Server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    // As the real host and the shell have it: what they would refuse the page is refused here too.
    response.setHeader('content-security-policy', contentSecurityPolicy());
    if (url.pathname.startsWith('/pixels/')) {
      pixels.push(url.pathname + url.search);
      const answer = await pixelsOf(url, pictures);
      if (!answer) return void response.writeHead(404).end();
      return void response.writeHead(200, answer.headers).end(answer.body);
    }
    const file = join(page, normalize(url.pathname === '/' ? '/index.html' : url.pathname));
    if (!file.startsWith(page) || !existsSync(file)) return void response.writeHead(404).end();
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    createReadStream(file).pipe(response);
  });
  const socketServer = new WebSocketServer({ server, path: '/messages' });
  socketServer.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', async (text) => {
      const { id, method, params } = JSON.parse(String(text)) as { id: number; method: Method; params: unknown };
      requests.push({ method, params });
      const answer = answers[method as PageMethod] as ((params: unknown) => unknown) | undefined;
      try {
        socket.send(JSON.stringify({ id, result: (await answer?.(params ?? {})) ?? null }));
      } catch (error) {
        socket.send(JSON.stringify({ id, error: error as PlainError }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    pixels,
    answers,
    emit,
    async close() {
      for (const socket of sockets) socket.terminate();
      socketServer.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function pixelsOf(
  url: URL,
  pictures: ReadonlyMap<string, ScriptedPicture>,
): Promise<{ body: Buffer; headers: Record<string, string> } | undefined> {
  const address = parsePixelsUrl(url);
  const picture = address && pictures.get(address.photo);
  if (!address || !picture) return undefined;
  const { width, height, rgba } = picture;
  const image = () => sharp(rgba, { raw: { width, height, channels: 4 } });
  if ('edge' in address) {
    const body = await image().resize(address.edge, address.edge, { fit: 'inside' }).webp().toBuffer();
    return { body, headers: { 'content-type': 'image/webp' } };
  }
  if (address.kind === 'invented') {
    const x = address.column * 128;
    const y = address.row * 128;
    const [w, h] = [Math.min(128, width - x), Math.min(128, height - y)];
    const body = Buffer.alloc(w * h * 2);
    for (let index = 0; index < w * h; index++) body[index * 2] = (index * 7919) % 23;
    return { body, headers: { 'x-width': String(w), 'x-height': String(h) } };
  }
  // Level 2 is the source; a tile is 256 px of its level there, 128 source px for the others.
  const isSource = address.kind === 'source';
  const scale = isSource ? 1 / 2 ** (address.level - 2) : 4 / 2 ** address.level;
  const edge = isSource ? 256 / scale : 128;
  const x = Math.round(address.column * edge);
  const y = Math.round(address.row * edge);
  const w = Math.min(edge, width - x);
  const h = Math.min(edge, height - y);
  if (w <= 0 || h <= 0) return undefined;
  const [ow, oh] = [Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale))];
  let tile = image().extract({ left: x, top: y, width: w, height: h }).resize(ow, oh, { kernel: 'cubic', fit: 'fill' });
  if (address.kind === 'enhanced') tile = tile.sharpen({ sigma: 1 + address.blend / 40 });
  const body = await tile.ensureAlpha().raw().toBuffer();
  return { body, headers: { 'x-width': String(ow), 'x-height': String(oh), 'x-space': 'srgb' } };
}
