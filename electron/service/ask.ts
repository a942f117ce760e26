import type { Method, Params, Results, Service } from '../contract.ts';
import { fromPlain } from '../engine/errors.ts';

/** One question to the service as its owner; throws the service's own error where it answers with one. */
export async function ask<M extends Method>(
  service: Pick<Service, 'answer'>,
  method: M,
  params?: Params<M>,
): Promise<Results[M]> {
  const answer = await service.answer({ id: 0, method, params }, 'owner');
  if ('error' in answer) throw fromPlain(answer.error);
  return answer.result as Results[M];
}
