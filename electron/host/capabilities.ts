import type { Capabilities } from '../contract.ts';

/** What the browser edition can do: files come as uploads, and nothing is asked of the system. */
export const BROWSER_CAPABILITIES: Capabilities = {
  edition: 'browser',
  ...{
    dialogs: false,
    showFile: false,
    recent: false,
    notifications: false,
    keepAwake: false,
    beside: false,
    upload: true,
  },
};
