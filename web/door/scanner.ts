import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm';
import { browserClock } from '../../client-sdk/clock.js';

/** The camera that looks for QR codes. The only importer of zxing-wasm: not every phone's browser can read codes itself. */
export interface Scanner {
  readonly element: HTMLVideoElement;
  stop(): void;
}

const everyMs = 120;
/** A code that is still held before the camera is not a second one. */
const sameMs = 4_000;
/** Enough for a code that fills a third of the picture, and quick on old phones. */
const widest = 960;

/** @throws DOMException when there is no camera or it may not be used. */
export async function startScanner(onCode: (text: string) => void): Promise<Scanner> {
  prepareZXingModule({ overrides: { locateFile: () => wasm } });
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: 'environment', width: { ideal: widest } },
  });
  const element = document.createElement('video');
  element.playsInline = true;
  element.muted = true;
  element.srcObject = stream;
  await element.play();

  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  let running = true;
  let last = { text: '', at: 0 };

  async function look(): Promise<void> {
    if (!running || !context || element.videoWidth === 0) return;
    const scale = Math.min(1, widest / element.videoWidth);
    canvas.width = Math.round(element.videoWidth * scale);
    canvas.height = Math.round(element.videoHeight * scale);
    context.drawImage(element, 0, 0, canvas.width, canvas.height);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    const [found] = await readBarcodes(image, { formats: ['QRCode'], maxNumberOfSymbols: 1 });
    const now = browserClock.monotonic();
    if (!running || !found?.text) return;
    const isSame = found.text === last.text && now - last.at < sameMs;
    last = { text: found.text, at: now };
    if (!isSame) onCode(found.text);
  }

  async function repeat(): Promise<void> {
    while (running) {
      await look();
      await new Promise<void>((resolve) => void browserClock.after(everyMs, resolve));
    }
  }
  void repeat();
  return {
    element,
    stop() {
      running = false;
      for (const track of stream.getTracks()) track.stop();
    },
  };
}
