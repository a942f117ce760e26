import type { Method, Params, Results, Service } from '../contract.ts';
import { FourfoldError } from '../engine/errors.ts';

/** One question to the service as its owner; throws the service's own error where it answers with one. */
export async function ask<M extends Method>(
  service: Pick<Service, 'answer'>,
  method: M,
  params?: Params<M>,
): Promise<Results[M]> {
  const answer = await service.answer({ id: 0, method, params }, 'owner');
  if (!('error' in answer)) return answer.result as Results[M];
  const { code, sentence, params: values, path } = answer.error;
  throw new FourfoldError(code, sentence, { ...(values && { params: values }), ...(path !== undefined && { path }) });
}
