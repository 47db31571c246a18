import { decodeQR } from 'qr/decode.js';
import { frameLoop, rearCamera, QRCanvas } from 'qr/dom.js';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useT } from '../../i18n/client.ts';
import { Notice } from '../../ui/Notice.tsx';
import { readReceiveLink, type ReceiveLink } from './receive-link.ts';

/** A photo is scaled down to this many pixels on its longer side: enough for a QR, quick on an old phone. */
const PHOTO_SIDE_MAX = 1_200;

/** The camera, looking for a receive QR of this site; or a picture of one. */
export default function QrScanner({ onFound }: { onFound: (link: ReceiveLink) => void }) {
  const t = useT();
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<'starting' | 'looking' | 'denied'>('starting');
  const [complaint, setComplaint] = useState<'not-ours' | 'not-found' | null>(null);

  const accept = (text: string): boolean => {
    const link = readReceiveLink(text, location.origin);
    if (link === null) {
      setComplaint('not-ours');
      return false;
    }
    onFound(link);
    return true;
  };
  const see = useEffectEvent(accept);

  useEffect(() => {
    const player = video.current;
    if (player === null) return;
    const canvas = new QRCanvas();
    let isOver = false;
    let stop = (): void => undefined;
    rearCamera(player)
      .then((camera) => {
        if (isOver) {
          camera.stop();
          return;
        }
        setState('looking');
        let isReading = false;
        const cancel = frameLoop(() => {
          if (isReading) return;
          isReading = true;
          void camera.readFrame(canvas).then((text) => {
            isReading = false;
            if (!isOver && typeof text === 'string' && see(text)) stop();
          });
        });
        stop = () => {
          cancel();
          camera.stop();
        };
      })
      .catch(() => {
        // No camera, or not allowed: the screen says what to do.
        if (!isOver) setState('denied');
      });
    return () => {
      isOver = true;
      stop();
    };
  }, []);

  const readPhoto = async (file: File): Promise<void> => {
    setComplaint(null);
    try {
      accept(decodeQR(await pixelsOf(file)));
    } catch {
      // The decoder throws where it sees no QR.
      setComplaint('not-found');
    }
  };

  return (
    <div className="scanner">
      <h2 className="sheet-title">{t('scanQr.title')}</h2>
      {state === 'denied' ? (
        <Notice tone="caution" title={t('scanQr.denied')}>
          {t('scanQr.deniedText')}
        </Notice>
      ) : (
        <div className="scanner-view">
          {state === 'starting' && <p role="status">{t('scanQr.starting')}</p>}
          <video ref={video} autoPlay playsInline muted />
        </div>
      )}
      {complaint !== null && (
        <Notice tone="danger" title={t(complaint === 'not-ours' ? 'scanQr.notOurs' : 'scanQr.notFound')} />
      )}
      <label className="button button-plain">
        {t('scanQr.pick')}
        <input
          type="file"
          accept="image/*"
          className="hidden-visually"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file !== undefined) void readPhoto(file);
          }}
        />
      </label>
    </div>
  );
}

async function pixelsOf(file: File): Promise<ImageData> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, PHOTO_SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('Expected a canvas to draw on; the browser gave none.');
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
