// Runs the real whatsmeow; see ../whatsmeow/driver_test.go.

import {DrivenClient} from './driven_client.mjs';

// Without Go, whatsmeow is not available.
export const WHATSMEOW = process.env.WHATSMEOW || null;

export class Whatsmeow extends DrivenClient {
  // A companion of that phone, after the request to link.
  constructor(simulator, phoneNumber) {
    super(WHATSMEOW, ['-test.run', '^TestDriver$', '-test.timeout', '10m'], {
      WHATSMEOW_NETWORK: simulator.folder,
      WHATSMEOW_PHONE: phoneNumber,
    });
  }
}
