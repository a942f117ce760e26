import type { App, Session, WebContents } from 'electron';
import { isPage } from './page-scheme.ts';

/** What the session may load at all: the page, what the page made itself, and the developer tools. */
const LOADABLE = new Set(['blob:', 'data:', 'devtools:']);

/** Nothing is asked of the network and no permission is given, whatever runs in the page. */
export function fenceSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayLoad(details.url) }));
}

function mayLoad(address: string): boolean {
  return isPage(address) || LOADABLE.has(new URL(address).protocol);
}

/** No second window, no other page in this one, no embedded page: for every web contents there ever is. */
export function fenceContents(app: Pick<App, 'on'>): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    // The page may reload itself; a file dropped beside the drop area, or any link, would otherwise replace it.
    const stay = (event: { preventDefault(): void; url: string }) => isPage(event.url) || event.preventDefault();
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}
