import { expect, test } from 'vitest';
import { createTestDeps } from '#testing';
import { openDb } from './db.ts';
import { EVENTS_CHANNEL } from './events.ts';
import { createHinter } from './hint.ts';
import { createListener } from './listen.ts';

test('hints of one moment are told together, each member once, and however many there are', async () => {
  const deps = await createTestDeps();
  const { pool, close } = openDb({ url: deps.database.url, connectionsMax: 1, applicationName: 'jigeum test' });
  const listener = createListener(deps, { connectionString: deps.database.url });
  const heard: string[] = [];
  listener.on(EVENTS_CHANNEL, (payload) => void heard.push(payload));
  const connected = new Promise<void>((resolve) => listener.onConnected(resolve));
  listener.start();
  await connected;
  const hint = createHinter({ log: deps.log, pool });
  const members = Array.from({ length: 250 }, (_, index) => deps.ids.uuid(index));
  hint(members);
  hint(members.slice(0, 10));
  hint([]);
  await expect.poll(() => heard.flatMap((payload) => payload.split(','))).toEqual(members);
  expect(heard).toHaveLength(2);
  await listener.stop();
  await close();
  await deps.database.drop();
});
