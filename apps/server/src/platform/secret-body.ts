/**
 * Reads the body of a secret form into one buffer of its own and clears each network chunk that it came in, so that
 * after the handler has cleared the buffer no copy of ours is left. (The kernel's and OpenSSL's copies are theirs.)
 */
import type { FastifyInstance } from 'fastify';
import { SECRET_FORM_TYPE } from '@jigeum/api';
import { AppError } from './app-error.ts';

/** The parsed body of a secret form: bytes that `mount` clears when the handler has ended, however it ended. */
export class SecretBody {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** Two secrets of at most 1 KiB and a few fields of JSON fit many times. */
export const SECRET_BODY_BYTES_MAX = 8 * 1024;

/** Lets the app take secret forms; the parsed body is a `SecretBody`, which `mount` clears. */
export function acceptSecretForms(app: FastifyInstance): void {
  app.addContentTypeParser(SECRET_FORM_TYPE, (request, payload, done) => {
    const announced = request.headers['content-length'];
    const size = announced === undefined ? -1 : Number.parseInt(announced, 10);
    if (!(size >= 0 && size <= SECRET_BODY_BYTES_MAX)) {
      payload.resume();
      done(
        new AppError('request-invalid', {
          detail: `Expected a Content-Length of at most ${SECRET_BODY_BYTES_MAX} bytes for a secret form.`,
        }),
      );
      return;
    }
    const body = new Uint8Array(size);
    let length = 0;
    let isDone = false;
    const finish = (error: Error | null) => {
      if (isDone) return;
      isDone = true;
      if (error !== null) body.fill(0);
      done(error, error === null ? new SecretBody(body) : undefined);
    };
    payload.on('data', (chunk: Buffer) => {
      if (!isDone && length + chunk.length <= size) body.set(chunk, length);
      length += chunk.length;
      chunk.fill(0);
    });
    payload.once('end', () =>
      finish(
        length === size
          ? null
          : new AppError('request-invalid', { detail: `Expected ${size} bytes as announced, got ${length}.` }),
      ),
    );
    payload.once('error', (error: Error) => finish(error));
    payload.once('close', () =>
      finish(new AppError('request-invalid', { detail: 'The body ended before its announced length.' })),
    );
  });
}
