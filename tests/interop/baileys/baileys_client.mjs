// Runs the real Baileys, with no change except the trusted root key. BAILEYS
// names the package of an older release; without it, the newest one runs.

import fs from 'node:fs';
import https from 'node:https';

import pino from 'pino';

const {
  default: makeWASocket,
  DisconnectReason,
  useMultiFileAuthState,
  WA_CERT_DETAILS,
} = await import(process.env.BAILEYS ?? 'baileys');
export {DisconnectReason};

const OPEN_MS = 60_000;

export class BaileysClient {
  // `folder` keeps its credentials between connections; `options` are Baileys'
  // options.
  constructor(simulator, folder, options = {}) {
    this.endpoints = simulator.endpoints;
    this.folder = folder;
    this.options = options;
    const rootKey = Buffer.from(this.endpoints.root_key, 'hex');
    rootKey.copy(WA_CERT_DETAILS.PUBLIC_KEY);
  }

  // Logs in. If it is not linked, calls `link` with the socket and the text of
  // the QR code, so that a phone can link it. Resolves when Baileys reports the
  // connection as open; rejects with Baileys' error if the connection ends
  // first.
  async connect(link = null) {
    const deadline = Date.now() + OPEN_MS;
    for (;;) {
      const error = await this.#connectOnce(link, deadline);
      if (error === null) return this;
      // After pairing the server asks for a new connection.
      if (error?.output?.statusCode !== DisconnectReason.restartRequired) {
        throw error;
      }
    }
  }

  async #connectOnce(link, deadline) {
    const {state, saveCreds} = await useMultiFileAuthState(this.folder);
    const {url, ca} = this.endpoints;
    this.socket = makeWASocket({
      auth: state,
      logger: pino({level: process.env.BAILEYS_LOG ?? 'silent'}),
      waWebSocketUrl: url,
      agent: ca ? new https.Agent({ca: fs.readFileSync(ca)}) : undefined,
      syncFullHistory: false,
      markOnlineOnConnect: false,
      ...this.options,
    });
    this.socket.ev.on('creds.update', saveCreds);
    const outcome = await new Promise((resolve, reject) => {
      const late = setTimeout(
          () => resolve(new Error('Baileys: not open in time')),
          deadline - Date.now());
      let linking = false;
      this.socket.ev.on('connection.update', update => {
        if (update.qr && link !== null && !linking) {
          linking = true;
          link(this.socket, update.qr).catch(reject);
        }
        if (update.connection === 'connecting' || !update.connection) return;
        clearTimeout(late);
        resolve(
            update.connection === 'open' ? null : update.lastDisconnect.error);
      });
    });
    await saveCreds();
    return outcome;
  }

  // Waits until the server has ended the connection; returns the reason.
  closed() {
    return new Promise(resolve => {
      this.socket.ev.on('connection.update', update => {
        if (update.connection === 'close') {
          resolve(update.lastDisconnect.error);
        }
      });
    });
  }

  // Returns the picture's URL, or the code of WhatsApp's error.
  async picture(jid, type) {
    try {
      return await this.socket.profilePictureUrl(jid, type);
    } catch (error) {
      return error.data ?? error;
    }
  }

  async close() {
    await this.socket.end(undefined);
  }
}
