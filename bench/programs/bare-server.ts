/** The bare reference: node:http alone. Takes each request to its end and answers a constant. Arguments: status, content type, body. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [status = '200', contentType = 'application/json', text = ''] = process.argv.slice(2);
const body = Buffer.from(text);
const headers = { 'content-type': contentType, 'content-length': body.length };

const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => response.writeHead(Number.parseInt(status, 10), headers).end(body));
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('disconnect', () => process.exit(0));
