import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { AnswerMessage, Bridge, EventMessage, Granted, RequestMessage } from '../contract.ts';
import { CHANNELS } from './channels.ts';

/**
 * All the page gets of Electron. `getPathForFile` answers '' for a file the page made up itself, so a path only leaves
 * for the shell where the user really dropped or chose that file.
 */
const bridge: Bridge = {
  send: (message: RequestMessage): Promise<AnswerMessage> => ipcRenderer.invoke(CHANNELS.request, message),
  onEvent(listener: (message: EventMessage) => void) {
    // The event object of Electron stays on this side of the fence: it would hand the page a sender.
    const relay = (_: unknown, message: EventMessage) => listener(message);
    ipcRenderer.on(CHANNELS.event, relay);
    return () => void ipcRenderer.removeListener(CHANNELS.event, relay);
  },
  grant(files: readonly File[]): Promise<Granted> {
    const paths = files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== '');
    return ipcRenderer.invoke(CHANNELS.grant, paths);
  },
};

contextBridge.exposeInMainWorld('fourfold', bridge);
