import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import {
  type AnswerMessage,
  checkParams,
  checkRequest,
  type Granted,
  type Params,
  type RequestMessage,
  type Results,
  type Service,
  SHELL_METHODS,
  type ShellMethod,
} from '../contract.ts';
import { FourfoldError, toPlainError } from '../engine/errors.ts';
import { ask } from '../service/ask.ts';
import { CHANNELS } from './channels.ts';
import { isPage } from './page-scheme.ts';

/** What the shell itself answers (dialogs, file manager), by method. */
export type ShellAnswers = {
  readonly [M in ShellMethod]: (params: Params<M>) => Promise<Results[M]>;
};

export interface RelayOptions {
  readonly ipcMain: Pick<IpcMain, 'handle'>;
  readonly service: Service;
  readonly shell: ShellAnswers;
  /** The window's contents now, or undefined while there is no window. */
  readonly contents: () => WebContents | undefined;
  /** Paths the user just handed over, for the list of recent documents. */
  readonly onOpened?: (paths: readonly string[]) => void;
  /** After the service answered a request of the page without an error. */
  readonly onAnswered?: (method: string) => void;
}

const MOST_PATHS = 100_000;

/** Joins page and service: requests in, answers and events out, and only to and from the one window's own page. */
export function relay(options: RelayOptions): void {
  const { ipcMain, service } = options;
  ipcMain.handle(CHANNELS.request, async (event, message: unknown) => {
    checkSender(event, options.contents());
    const answer = await answerPage(message, options);
    if (!('error' in answer)) options.onAnswered?.((message as RequestMessage).method);
    return answer;
  });
  ipcMain.handle(CHANNELS.grant, async (event, paths: unknown): Promise<Granted> => {
    checkSender(event, options.contents());
    try {
      const checked = checkPaths(paths);
      const { grants } = await ask(service, 'grants.add', { files: checked.map((path) => ({ path })), use: 'read' });
      options.onOpened?.(checked);
      return { grants };
    } catch (error) {
      // A rejection reaches the page as a text alone.
      return { grants: [], error: toPlainError(error) };
    }
  });
  service.onEvent((message) => options.contents()?.send(CHANNELS.event, message));
}

/** Throws unless the message comes from the top frame of our window and that frame shows our page. */
function checkSender(
  event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>,
  contents: WebContents | undefined,
): void {
  const frame = event.senderFrame;
  if (!contents || event.sender !== contents || !frame || frame.parent !== null || !isPage(frame.url))
    throw new FourfoldError('not-granted', 'A message from an unknown sender was refused.');
}

async function answerPage(message: unknown, options: RelayOptions): Promise<AnswerMessage> {
  let request: RequestMessage;
  try {
    request = checkRequest(message);
  } catch {
    // The service has the words for a message that is no request.
    return options.service.answer(message, 'page');
  }
  if (!isShellMethod(request.method)) return options.service.answer(request, 'page');
  return answerShell(request, request.method, options.shell);
}

async function answerShell(request: RequestMessage, method: ShellMethod, shell: ShellAnswers): Promise<AnswerMessage> {
  try {
    const checked = checkParams(method, request.params, 'page');
    if ('wrong' in checked) throw new FourfoldError('wrong-use', checked.wrong);
    const answer = shell[method] as (params: unknown) => Promise<unknown>;
    return { id: request.id, result: await answer(checked.value) };
  } catch (error) {
    return { id: request.id, error: toPlainError(error) };
  }
}

const isShellMethod = (method: string): method is ShellMethod => Object.hasOwn(SHELL_METHODS, method);

/** Our preload sends an array of absolute paths; anything else did not come from it. */
function checkPaths(paths: unknown): string[] {
  if (!Array.isArray(paths) || paths.length > MOST_PATHS || !paths.every((path) => typeof path === 'string' && path))
    throw new FourfoldError('wrong-use', 'Expected paths of dropped files but received something else.');
  return paths;
}
