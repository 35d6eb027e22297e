// A picture on its way: made smaller where it must be, then posted with a bar that moves.
//
// The server judges what a picture is; here only its size is looked at. A photo of more than twelve
// megapixels is drawn smaller, so it fits into 8 MB; a format this browser cannot draw (HEIC) goes as
// it is.

import { sendForm } from "../shared/sending.js";

export const LIMIT_BYTES = 8 * 1024 * 1024;
export const ACCEPTED = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif";
const PIXELS_MOST = 12_000_000;
const QUALITY = 0.9;

/** The file as it should be sent: itself, or a smaller JPEG. */
export async function fitting(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (bitmap === null) return file;
  const pixels = bitmap.width * bitmap.height;
  if (pixels <= PIXELS_MOST && file.size <= LIMIT_BYTES) return file;
  const scale = Math.min(1, Math.sqrt(PIXELS_MOST / pixels));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? file), "image/jpeg", QUALITY));
}

export function sendPicture(session, kind, picture, onProgress) {
  const form = new FormData();
  form.append("kind", kind);
  form.append("file", picture, "picture");
  return sendForm("/api/chat/uploads", form, { token: session.token, onProgress });
}
