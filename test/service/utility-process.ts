// The service's entry as an Electron utility process has it: a `process.parentPort` whose messages bring ports. What the
// test sends becomes the first of them, and the line to the test keeps the process alive as Electron's does.
import { EventEmitter } from 'node:events';

const port = () => Object.assign(new EventEmitter(), { postMessage() {}, start() {} });
const parentPort = port();
Object.assign(process, { parentPort });
await import('../../electron/service/entry.ts');
process.on('message', (data) => parentPort.emit('message', { data, ports: [port()] }));
process.send!('listening');
