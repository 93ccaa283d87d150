// Runs the real whatsapp-rust; see ../whatsapp_rust/src/driver.rs.

import fs from 'node:fs';
import path from 'node:path';

import {DrivenClient} from './driven_client.mjs';

// Without Cargo, whatsapp-rust is not available.
export const WHATSAPP_RUST = process.env.WHATSAPP_RUST || null;

// The root key of whatsapp-rust is built in, so the network in that folder gets
// the keys with which it was built.
export function useKeysOfWhatsappRust(folder) {
  if (!WHATSAPP_RUST) return;
  fs.copyFileSync(
      process.env.NETWORK_KEYS, path.join(folder, 'server_keys'));
}

export class WhatsappRust extends DrivenClient {
  // A companion of that phone, after the request to link.
  constructor(simulator, phoneNumber) {
    super(
        WHATSAPP_RUST,
        ['--exact', 'driver::answers_another_program', '--nocapture'], {
          WHATSAPP_RUST_NETWORK: simulator.folder,
          WHATSAPP_RUST_PHONE: phoneNumber,
        });
  }
}
