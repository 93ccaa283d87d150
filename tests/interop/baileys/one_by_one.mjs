// Measures how fast Baileys looks up contacts in its usual way: one after the
// other, first whether the contact is on WhatsApp, then its picture.
//
//   one_by_one.mjs ENDPOINTS_FILE CREDENTIALS_FOLDER COUNT
//
// prints contacts per second. PORTRAIT_PROTO has the same meaning as for the
// tests.

import fs from 'node:fs';

import grpc from '@grpc/grpc-js';

import {BaileysClient} from './baileys_client.mjs';
import {SimulatorService} from './simulator.mjs';

const PHONE = '+15558000001';
const FIRST_NUMBER = 4915100000000;

const [file, folder, count] = process.argv.slice(2);
const endpoints = JSON.parse(fs.readFileSync(file, 'utf8'));
const control = new SimulatorService(
    endpoints.control, grpc.credentials.createInsecure());
const client = new BaileysClient({endpoints}, folder);
await client.connect((socket, qr) => new Promise((resolve, reject) => {
  control.ScanQrCode(
      {qr_text: qr, phone_number: PHONE},
      error => error ? reject(error) : resolve());
}));

const start = performance.now();
for (let i = 0; i < +count; ++i) {
  const [found] = await client.socket.onWhatsApp(`+${FIRST_NUMBER + i}`);
  if (found?.exists) await client.picture(found.jid, 'image');
}
console.log(+count * 1000 / (performance.now() - start));
await client.close();
control.close();
process.exit(0);
