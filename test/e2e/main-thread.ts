import type { Browser, Page } from 'playwright-core';

/** One task of the page's main thread, ms. */
export interface MainThreadTask {
  /** Processor time of the thread itself: what a busy machine does not stretch. */
  readonly own: number;
  /** From its begin to its end. */
  readonly wall: number;
  /** Its longest parts, for the words of a test that fails. */
  readonly about: string;
}

/** A complete event of the trace; times in µs. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: {
    readonly name?: string;
    readonly data?: { readonly functionName?: string; readonly type?: string };
  };
}

/**
 * What the page's main thread did during `work`, by Chromium's own trace: scripts, layout and painting alike. It knows
 * the thread's processor time; a gap between frames would count what other programs took as well.
 */
export async function mainThreadTasks(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<readonly MainThreadTask[]> {
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline', 'devtools.timeline'] });
  let trace: Buffer | undefined;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  return tasksOf((JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }).traceEvents);
}

function tasksOf(events: readonly TraceEvent[]): MainThreadTask[] {
  const thread = (event: TraceEvent) => `${event.pid}/${event.tid}`;
  const mains = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(thread),
  );
  const own = events
    .filter((event) => event.ph === 'X' && mains.has(thread(event)) && event.tdur !== undefined)
    .sort((a, b) => a.ts - b.ts);
  const tasks: MainThreadTask[] = [];
  for (let at = 0; at < own.length; at++) {
    const task = own[at]!;
    if (task.name !== 'RunTask') continue;
    const end = task.ts + task.dur!;
    const parts: TraceEvent[] = [];
    for (let next = at + 1; next < own.length && own[next]!.ts < end; next++)
      if (thread(own[next]!) === thread(task)) parts.push(own[next]!);
    const about = parts
      .sort((a, b) => b.tdur! - a.tdur!)
      .slice(0, 6)
      .map(({ name, tdur, args }) => {
        const what = args?.data?.functionName || args?.data?.type;
        return `${name}${what ? ` ${what}` : ''} ${(tdur! / 1000).toFixed(1)}`;
      })
      .join(', ');
    tasks.push({ own: task.tdur! / 1000, wall: task.dur! / 1000, about });
  }
  return tasks.sort((a, b) => b.own - a.own);
}
