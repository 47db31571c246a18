import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts, requireFreePort } from './ports.ts';

test('free ports are in a row, can be listened on, and are none that an outgoing connection is given', async () => {
  const ports = await freePorts(6);
  expect(ports).toEqual(Array.from({ length: 6 }, (_, offset) => ports[0]! + offset));
  // Linux takes ports for outgoing connections from 32768 on, others later.
  expect(Math.max(...ports)).toBeLessThan(32_768);
  for (const port of ports) await expect(requireFreePort(port, 'test')).resolves.toBeUndefined();
});

test('a row with a port in use is passed over', async () => {
  const [first, taken, third] = (await freePorts(4)) as [number, number, number];
  const squatter = createServer().listen(taken, '127.0.0.1');
  await once(squatter, 'listening');
  await expect(requireFreePort(taken, 'test')).rejects.toThrow(`Port ${taken} (test) is in use by another program.`);
  const places = [first, third];
  expect((await freePorts(2, () => places.shift()!))[0]).toBe(third);
  squatter.close();
});

test('where nothing is free the refusal says so', async () => {
  const [port] = await freePorts(1);
  const squatter = createServer().listen(port, '127.0.0.1');
  await once(squatter, 'listening');
  await expect(freePorts(1, () => port!)).rejects.toThrow('Choose them yourself: npm start -- --port 8080');
  squatter.close();
});
