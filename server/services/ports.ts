import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports are probed with an exclusive bind: the workers' shared ports would bind beside a stranger without a word. */
const usualPort = 8080;
const tries = 50;

export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

/**
 * The port to serve on: the one asked for, else 8080 or the next free one.
 * @throws PortTaken when the one asked for is in use.
 */
export async function choosePort(host: string, asked: number | undefined): Promise<number> {
  if (asked !== undefined) {
    if (await isFree(host, asked)) return asked;
    throw new PortTaken(`Port ${asked} is in use: end what uses it, or set PORT to another one.`);
  }
  for (let port = usualPort; port < usualPort + tries; port++) {
    if (await isFree(host, port)) return port;
  }
  throw new PortTaken(`Ports ${usualPort} to ${usualPort + tries - 1} are all in use: set PORT to a free one.`);
}

/** A port of the loopback interface that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  server.listen({ port, host, exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
