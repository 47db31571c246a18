/** The bare reference of pages: node:http alone, which answers `/name` with the HTML file of that name. Argument: the folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const [folder = ''] = process.argv.slice(2);
const documents = new Map(readdirSync(folder).map((name) => [`/${name}`, readFileSync(join(folder, name))]));

const server = createServer((request, response) => {
  const body = documents.get(request.url ?? '');
  response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' }).end(body);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('disconnect', () => process.exit(0));
