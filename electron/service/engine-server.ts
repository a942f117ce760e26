import type { DeviceInfo } from '../engine/device/device.ts';
import { FourfoldError, type PlainError, toPlainError } from '../engine/errors.ts';
import type { Finding } from '../engine/finding.ts';
import type { ModelPair } from '../engine/network/model.ts';
import type { Raster } from '../engine/photo/raster.ts';
import type { DeviceKind, NetworkSession, OpenSession, Precision } from '../engine/run/session.ts';
import type { Size } from '../engine/run/tile-plan.ts';
import type { Port } from './port.ts';

/** What a session is opened with, as it crosses the process: the models are loaded on the other side. */
export interface SessionWish {
  readonly blend: number;
  readonly device: DeviceKind | 'auto';
  readonly precision: Precision | 'auto';
  readonly tile?: number | Size;
  readonly picture?: Size;
  readonly threads?: number;
  readonly io: 'u8' | 'f32';
}

/** What was opened. */
export interface SessionFacts {
  readonly session: number;
  readonly device: DeviceKind;
  readonly deviceName: string;
  readonly precision: Precision;
  readonly tile: { readonly width: number; readonly height: number };
  readonly halo: number;
  readonly why: readonly Finding[];
}

export interface EngineCalls {
  open: { params: SessionWish; result: SessionFacts };
  enhance: { params: { session: number; padded: Raster }; result: Raster };
  close: { params: { session: number }; result: null };
  devices: { params: null; result: DeviceInfo[] };
  /** What was found out about the devices is forgotten: the next session tries them again. */
  forget: { params: null; result: null };
}
export type EngineMethod = keyof EngineCalls;
export interface EngineRequest {
  readonly key: number;
  readonly method: EngineMethod;
  readonly params: unknown;
}
export type EngineReply = { readonly key: number; readonly result?: unknown; readonly error?: PlainError };

export interface EngineRoom {
  readonly loadModels: () => Promise<ModelPair>;
  readonly openSession: OpenSession;
  readonly listDevices: (models: ModelPair) => Promise<DeviceInfo[]>;
  readonly forgetDevices: (models: ModelPair) => Promise<void>;
}

/**
 * The engine's process: sessions behind a line. It does nothing else, because one network run blocks its thread for the
 * length of a tile and a native crash takes the process with it.
 */
export function serveEngine(port: Port, room: EngineRoom): void {
  const sessions = new Map<number, NetworkSession>();
  let next = 1;
  let models: Promise<ModelPair> | undefined;
  const load = () => {
    models ??= room.loadModels();
    return models;
  };

  // Whatever is asked first needs them, and the line is silent while the service starts. A failure is told to who asks.
  load().catch(() => {});

  const calls: { [M in EngineMethod]: (params: EngineCalls[M]['params']) => Promise<EngineCalls[M]['result']> } = {
    async open(wish) {
      const opened = await room.openSession({ models: await load(), ...wish });
      const session = next++;
      sessions.set(session, opened);
      const { device, deviceName, precision, tile, halo, why } = opened;
      return { session, device, deviceName, precision, tile, halo, why };
    },
    async enhance({ session, padded }) {
      const open = sessions.get(session);
      if (!open) throw new FourfoldError('unexpected', 'The engine lost its session. Nothing was changed. Retry.');
      return open.enhance(padded);
    },
    async close({ session }) {
      const open = sessions.get(session);
      sessions.delete(session);
      await open?.close();
      return null;
    },
    devices: async () => room.listDevices(await load()),
    async forget() {
      await room.forgetDevices(await load());
      return null;
    },
  };

  port.onMessage(async (incoming) => {
    const { key, method, params } = incoming as EngineRequest;
    const reply = (message: Omit<EngineReply, 'key'>) => port.post({ key, ...message } satisfies EngineReply);
    try {
      reply({ result: await calls[method](params as never) });
    } catch (error) {
      reply({ error: toPlainError(error) });
    }
  });
}
