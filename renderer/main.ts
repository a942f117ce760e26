import { mount } from 'svelte';
import './styles/tokens.css';
import './styles/base.css';
import type { Bridge } from '../electron/contract.ts';
import AppRoot from './App.svelte';
import { createConnection, openSocketBridge, plainOf } from './client.ts';
import { i18n } from './i18n/i18n.svelte.ts';
import { App } from './state/app.svelte.ts';

declare global {
  interface Window {
    /** Put there by Electron's preload; absent in the browser edition. */
    readonly fourfold?: Bridge;
  }
}

const target = document.getElementById('app');
if (!target) throw new Error('Expected an element #app in the page');

let app: App | undefined;
try {
  const bridge =
    window.fourfold ??
    (await openSocketBridge(() => {
      if (app) app.isLost = true;
    }));
  const connection = createConnection(bridge);
  app = new App(connection, await connection.request('app.hello'));
  mount(AppRoot, { target, props: { app } });
} catch (error) {
  const words = document.createElement('p');
  words.setAttribute('role', 'alert');
  words.className = 'startup-error';
  words.textContent = i18n.sentence(plainOf(error));
  target.replaceChildren(words);
}
