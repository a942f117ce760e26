import type { ChildProcess, Serializable } from 'node:child_process';

/** One end of a two-way line between processes: structured clones, in order. */
export interface Port {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The other end is gone (ended, crashed, killed); called once. */
  onClose(listener: () => void): void;
  /** Ends the other side where this one started it, else only the line. */
  close(): void;
}

/** Whether a line is still there, and who wants to know when it is not. */
class Line {
  ended = false;
  private readonly listeners: (() => void)[] = [];

  end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const listener of this.listeners) listener();
  }

  /** At once, when it has ended already. */
  onEnd(listener: () => void): void {
    if (this.ended) listener();
    else this.listeners.push(listener);
  }
}

/** What `child_process.fork` (serialization: 'advanced') gives the parent, and `process` is in the child. */
type IpcProcess = ChildProcess | NodeJS.Process;

/** A line to a forked child (or, in the child, to its parent). */
export function processPort(given: IpcProcess): Port {
  const isChild = given === process;
  const end = given as ChildProcess;
  const line = new Line();
  const gone = () => line.end();
  end.on('disconnect', gone);
  if (!isChild) {
    end.on('exit', gone);
    end.on('error', gone);
  }
  return {
    // The callback keeps a write to a process that has just died from being thrown as an unhandled error.
    post: (message) => void (line.ended || end.send?.(message as Serializable, (error) => error && gone())),
    onMessage: (listener) => void end.on('message', listener),
    onClose: (listener) => line.onEnd(listener),
    close: () => (isChild ? end.disconnect?.() : void end.kill?.('SIGKILL')),
  };
}

/** Electron's `process.parentPort`, `MessagePortMain` and `UtilityProcess`, as far as a line needs them. */
interface MessagePortLike {
  postMessage(message: unknown): void;
  on(event: string, listener: (...args: never[]) => void): unknown;
  start?(): void;
  close?(): void;
  kill?(): unknown;
}

/** A line over one of Electron's ports. A `UtilityProcess` hands over the message itself, the others an event. */
export function messagePort(end: MessagePortLike): Port {
  const line = new Line();
  end.on('close', () => line.end());
  end.on('exit', () => line.end());
  return {
    post: (message) => {
      if (!line.ended) end.postMessage(message);
    },
    onMessage: (listener) => {
      end.on('message', ((event: unknown) => listener(isMessageEvent(event) ? event.data : event)) as never);
      end.start?.();
    },
    onClose: (listener) => line.onEnd(listener),
    close: () => (end.kill ? end.kill() : end.close?.()),
  };
}

function isMessageEvent(event: unknown): event is { data: unknown } {
  return typeof event === 'object' && event !== null && 'data' in event && 'ports' in event;
}

/** Two joined ends in one process, for tests: messages are cloned and arrive later, as between processes. */
export function portPair(): [Port, Port] {
  const inbox: ((message: unknown) => void)[][] = [[], []];
  const line = new Line();
  const end = (mine: number): Port => ({
    post(message) {
      const copy = structuredClone(message);
      setImmediate(() => {
        if (!line.ended) for (const listener of inbox[1 - mine]!) listener(copy);
      });
    },
    onMessage: (listener) => void inbox[mine]!.push(listener),
    onClose: (listener) => line.onEnd(listener),
    close: () => line.end(),
  });
  return [end(0), end(1)];
}
