import { type AnswerMessage, checkParams, checkRequest, SHELL_METHODS } from '../contract.ts';
import { FourfoldError, toPlainError } from '../engine/errors.ts';
import type { Methods } from './methods.ts';
import { withoutFolder } from './without-folder.ts';

/** Checks a message, carries it out and makes every failure plain data. Never rejects. */
export async function answer(methods: Methods, message: unknown, from: 'page' | 'owner'): Promise<AnswerMessage> {
  let id = 0;
  try {
    const request = checkRequest(message);
    id = request.id;
    const checked = checkParams(request.method, request.params, from);
    if ('wrong' in checked) throw new FourfoldError('wrong-use', `${checked.wrong}. Nothing was changed.`);
    if (Object.hasOwn(SHELL_METHODS, request.method))
      throw new FourfoldError('wrong-use', 'This edition of Fourfold cannot do that. Nothing was changed.');
    const method = methods[request.method as keyof Methods];
    return { id, result: (await method(checked.value as never)) ?? null };
  } catch (error) {
    const plain = error instanceof Error && error.name === 'ValiError' ? notAMessage(error) : toPlainError(error);
    return { id, error: withoutFolder(plain) };
  }
}

function notAMessage(cause: Error) {
  return new FourfoldError('wrong-use', 'This is no message Fourfold knows. Nothing was changed.', { cause }).toPlain();
}
