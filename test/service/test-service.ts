import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Capabilities,
  Client,
  Events,
  Grant,
  OwnerMethod,
  Params,
  PlainError,
  Results,
  Service,
} from '../../electron/contract.ts';
import { createService, type ServiceOptions } from '../../electron/service/service.ts';
import { type FakeEngine, fakeEngine } from './fake-engine.ts';

export const TEST_CAPABILITIES: Capabilities = {
  edition: 'test',
  ...{
    dialogs: false,
    showFile: false,
    recent: true,
    notifications: false,
    keepAwake: false,
    beside: true,
    upload: false,
  },
};

/** A fresh folder under the system's temporary one, and the way to remove it. */
export function scratchFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'fourfold-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Options for a service of its own below `folder`, over a fake engine unless told. */
export function serviceOptions(folder: string, engine: FakeEngine = fakeEngine()): ServiceOptions {
  return {
    ...{ stateDir: join(folder, 'state'), cacheDir: join(folder, 'cache'), scratchRoot: join(folder, 'scratch') },
    ...{ outputDir: join(folder, 'out'), locale: 'en', capabilities: TEST_CAPABILITIES, launchEngine: engine.launch },
  };
}

export interface TestClient extends Client {
  owner<M extends OwnerMethod>(method: M, params: Params<M>): Promise<Results[M]>;
  /** The next event that fits. */
  next<E extends keyof Events>(event: E, fits?: (data: Events[E]) => boolean): Promise<Events[E]>;
  /** Grants for files and `photos.open` in one. */
  open(...paths: string[]): Promise<Results['photos.open']['photos']>;
}

/** The error of a refused request. */
export class Refused extends Error {
  readonly plain: PlainError;
  constructor(plain: PlainError) {
    super(`${plain.code}: ${plain.sentence}`);
    this.plain = plain;
  }
}

/** Typed calls to whatever carries the contract. */
export function clientOf(
  carrier: Pick<Service, 'answer' | 'onEvent'>,
  owner: Pick<Service, 'answer'> = carrier,
): TestClient {
  let id = 1;
  const ask = async (from: 'page' | 'owner', method: string, params: unknown) => {
    const answer = await (from === 'owner' ? owner : carrier).answer({ id: id++, method, params }, from);
    if ('error' in answer) throw new Refused(answer.error);
    return answer.result as never;
  };
  const client: TestClient = {
    request: (method, ...params) => ask('page', method, params[0]),
    owner: (method, params) => ask('owner', method, params),
    onEvent: (event, listener) =>
      carrier.onEvent((message) => message.event === event && listener(message.data as never)),
    next: (event, fits = () => true) =>
      new Promise((resolve) => {
        const stop = client.onEvent(event, (data) => {
          if (!fits(data)) return;
          stop();
          resolve(data);
        });
      }),
    async open(...paths) {
      const { grants } = await client.owner('grants.add', { files: paths.map((path) => ({ path })), use: 'read' });
      const settled = new Set<string>();
      const stop = client.onEvent('photo.changed', ({ id: photo, state }) => state !== 'reading' && settled.add(photo));
      const { photos } = await client.request('photos.open', { grants: grants.map((grant: Grant) => grant.id) });
      while (photos.some(({ id: photo, state }) => state === 'reading' && !settled.has(photo)))
        await new Promise((resolve) => setTimeout(resolve, 5));
      stop();
      const all = (await client.request('photos.list')).photos;
      return photos.map(({ id: photo }) => all.find((one) => one.id === photo)!);
    },
  };
  return client;
}

/** A service in this process over a fake engine, with a typed client. */
export async function openTestService(
  folder: string,
  engine: FakeEngine = fakeEngine(),
  more: Partial<ServiceOptions> = {},
): Promise<{ service: Service; client: TestClient }> {
  const service = await createService({ ...serviceOptions(folder, engine), ...more });
  return { service, client: clientOf(service) };
}
