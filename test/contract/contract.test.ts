import { expect, test } from 'vitest';
import { PAGE_METHODS } from '../../electron/contract.ts';
import { createService } from '../../electron/service/service.ts';
import { scratchFolder, serviceOptions } from '../service/test-service.ts';
import { inProcess, overHost, overPort } from './carriers.ts';
import { contractSuite } from './suite.ts';

for (const carrier of [inProcess, overPort, overHost]) contractSuite(carrier);

test('every page method of the contract is carried out by the service', async () => {
  const folder = scratchFolder();
  const service = await createService(serviceOptions(folder.path));
  for (const method of Object.keys(PAGE_METHODS)) {
    const answer = await service.answer({ id: 1, method, params: undefined }, 'page');
    if ('error' in answer) expect(answer.error.code, `${method}: ${answer.error.detail}`).toBe('wrong-use');
  }
  await service.close();
  folder.remove();
});
