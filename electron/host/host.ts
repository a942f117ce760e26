import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import type { EventMessage, Grant, Service } from '../contract.ts';
import { toPlainError } from '../engine/errors.ts';
import { ask } from '../service/ask.ts';
import { pageFiles, securityHeaders } from '../service/page-files.ts';
import { withoutFolder } from '../service/without-folder.ts';
import { Gate } from './gate.ts';
import { peerUser } from './peer.ts';
import { UploadedPhotos } from './uploaded-photos.ts';
import { UploadRefused, Uploads } from './uploads.ts';

export interface HostOptions {
  readonly service: Service;
  /** The built page. */
  readonly rendererDir: string;
  /** For files the page hands over; the caller clears it. */
  readonly uploadDir: string;
  /** 0 or left out: any free one. */
  readonly port?: number;
}

export interface Host {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** The address to open in a browser, once. */
  readonly entry: string;
  /** Sends an event of the host's own to every page (the service's go by themselves). */
  send(message: EventMessage): void;
  /** Stops taking requests; the service stays. */
  close(): Promise<void>;
}

const MOST_MESSAGE_BYTES = 16 * 2 ** 20;

/** The contract on 127.0.0.1: messages over a WebSocket, pixels and files over HTTP, the page as static files. */
export async function startHost(options: HostOptions): Promise<Host> {
  const { service } = options;
  const gate = new Gate();
  const uploads = new Uploads(options.uploadDir);
  const photos = new UploadedPhotos(service, (path) => uploads.letGo(path));
  const built = pageFiles(options.rendererDir, {});
  const pages = new Set<WebSocket>();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_MESSAGE_BYTES });
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      const status = error instanceof UploadRefused ? 413 : 500;
      send(response, status, 'application/json', JSON.stringify({ error: withoutFolder(toPlainError(error)) }));
      // What is still being sent of a refused file; only then does a browser read the answer.
      request.resume();
    });
  });
  const send = (response: ServerResponse, status: number, type: string, body: string | Uint8Array) => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders(gate.origin.replace(/^http/, 'ws'))))
      response.setHeader(name, value);
    const refuse = (status: number, words: string) => send(response, status, 'text/plain; charset=utf-8', words);
    if (!gate.fromHere(request)) return refuse(403, 'Refused.');
    const url = new URL(request.url ?? '/', gate.origin);
    const token = url.searchParams.get('token');
    if (url.pathname === '/' && token !== null) {
      // For a moment the address stands in the list of processes, where others on this machine may read it.
      const user = await peerUser(request.socket);
      if (user !== undefined && user !== process.getuid?.()) return refuse(403, 'Refused.');
      const cookie = gate.exchange(token);
      if (cookie) response.setHeader('set-cookie', cookie);
      else if (!gate.known(request)) return refuse(403, USED);
      // Not a redirect: the cookie is only sent along with a step that this origin itself begins.
      return send(response, 200, 'text/html; charset=utf-8', '<meta http-equiv="refresh" content="0; url=/">');
    }
    if (!gate.known(request)) return refuse(403, USED);
    if (url.pathname === '/upload') {
      if (request.method !== 'POST') return refuse(405, 'POST only.');
      return send(response, 200, 'application/json', JSON.stringify(await upload(url, request)));
    }
    if (request.method !== 'GET') return refuse(405, 'GET only.');
    if (url.pathname.startsWith('/pixels/')) return pass(await service.pixels(new Request(url)), response);
    const file = /^\/download\/([\w-]+)$/.exec(url.pathname)?.[1];
    if (file) return download(file, response);
    return pass(await built(url.pathname), response);
  }

  async function upload(url: URL, request: IncomingMessage): Promise<Grant> {
    const { path } = await uploads.take(url.searchParams.get('name') ?? '', request);
    const folder = url.searchParams.get('folder') ?? '';
    const files = [{ path, name: basename(path), folder: harmlessFolder(folder) }];
    try {
      const { grants } = await ask(service, 'grants.add', { files, use: 'read' });
      return grants[0]!;
    } catch (error) {
      await uploads.letGo(path);
      throw error;
    }
  }

  async function download(file: string, response: ServerResponse): Promise<void> {
    const found = await ask(service, 'files.path', { file }).catch(() => undefined);
    const facts = found && (await stat(found.path).catch(() => undefined));
    if (!found || !facts) return send(response, 404, 'text/plain; charset=utf-8', 'Not here.');
    const name = encodeURIComponent(basename(found.path));
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': facts.size,
      'content-disposition': `attachment; filename*=UTF-8''${name}`,
      'cache-control': 'no-store',
    });
    // Unlike `pipe`, this closes the file when the browser goes.
    await pipeline(createReadStream(found.path), response);
  }

  server.on('upgrade', (request, socket, head) => {
    // Node takes its own listener off a socket that it hands over; an error nobody hears would end the host.
    socket.on('error', () => socket.destroy());
    const allowed =
      request.headers.origin === gate.origin &&
      gate.fromHere(request) &&
      gate.known(request) &&
      request.url === '/messages';
    if (!allowed) return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (page) => {
      pages.add(page);
      page.on('close', () => pages.delete(page));
      page.on('error', () => page.terminate());
      page.on('message', async (data, binary) => {
        const answer = await photos.answer(binary ? undefined : parsed(String(data)));
        if (page.readyState === page.OPEN) page.send(JSON.stringify(answer));
      });
    });
  });

  const broadcast = (message: EventMessage) => {
    const text = JSON.stringify(message);
    for (const page of pages) if (page.readyState === page.OPEN) page.send(text);
  };
  const stop = service.onEvent((message) => {
    broadcast(message);
    void photos.take(message);
  });
  await listen(server, options.port ?? 0);
  gate.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin: gate.origin,
    entry: gate.entry,
    send: broadcast,
    async close() {
      stop();
      for (const page of pages) page.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const USED = 'This address was used already or is not complete. Start Fourfold again for a new one.';

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function pass(from: Response, to: ServerResponse): Promise<void> {
  to.writeHead(from.status, Object.fromEntries(from.headers));
  if (from.body) await pipeline(Readable.fromWeb(from.body as Parameters<typeof Readable.fromWeb>[0]), to);
  else to.end();
}

/** Undefined, which no request is, where the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A folder's name for the list and for the results' tree: no way up or out of it. */
function harmlessFolder(folder: string): string {
  const parts = folder.split(/[\\/]/).map((part) => part.replace(/[<>:"|?*]/g, '_'));
  return parts.filter((part) => part && part !== '.' && part !== '..').join('/');
}
