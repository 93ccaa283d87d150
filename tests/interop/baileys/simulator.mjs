// Runs a simulated WhatsApp network in a separate process, with its control
// service.

import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const START_MS = 60_000;  // a sanitizer build on a busy machine
const CALL_MS = 30_000;

const definition = protoLoader.loadSync('portrait/sim/v1/simulator.proto', {
  keepCase: true,
  longs: Number,
  defaults: true,
  includeDirs: [process.env.PORTRAIT_PROTO],
});
export const {SimulatorService} =
    grpc.loadPackageDefinition(definition).portrait.sim.v1;

export const delay = ms => new Promise(resolve => setTimeout(resolve, ms));

export async function waitFor(what, condition, ms = START_MS) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await delay(50);
  }
}

export function makeFolder() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'portrait-interop-'));
}

// Stops the process; resolves when `exited` does.
export async function stopProcess(process, exited) {
  process.kill('SIGTERM');
  const late = setTimeout(() => process.kill('SIGKILL'), START_MS);
  await exited;
  clearTimeout(late);
}

export class Simulator {
  // `flags` are passed to whatsapp-sim. `folder` is kept: pass it to another
  // Simulator to restart the network.
  constructor(folder, ...flags) {
    this.folder = folder;
    this.flags = flags;
  }

  async start() {
    const file = path.join(this.folder, 'endpoints.json');
    fs.rmSync(file, {force: true});
    const log = fs.openSync(path.join(this.folder, 'log'), 'a');
    this.process = spawn(
        process.env.WHATSAPP_SIM, ['--data-dir', this.folder, ...this.flags],
        {stdio: ['ignore', 'ignore', log]});
    fs.closeSync(log);
    this.exited = new Promise(resolve => this.process.on('exit', resolve));
    await waitFor('whatsapp-sim serving', () => {
      if (this.process.exitCode !== null) {
        throw new Error(`whatsapp-sim ended:\n${this.log()}`);
      }
      return fs.existsSync(file);
    });
    this.endpoints = JSON.parse(fs.readFileSync(file, 'utf8'));
    this.control = new SimulatorService(
        this.endpoints.control, grpc.credentials.createInsecure());
    return this;
  }

  log() {
    return fs.readFileSync(path.join(this.folder, 'log'), 'utf8');
  }

  call(method, request = {}) {
    return new Promise((resolve, reject) => {
      this.control[method](
          request, {deadline: Date.now() + CALL_MS},
          (error, response) => error ? reject(error) : resolve(response));
    });
  }

  async account(phoneNumber) {
    return (await this.call('GetAccount', {phone_number: phoneNumber})).account;
  }

  // Lets the phone with that number scan a QR code.
  scan(qrText, phoneNumber) {
    return this.call(
        'ScanQrCode', {qr_text: qrText, phone_number: phoneNumber});
  }

  // Lets the phone with that number enter a pairing code, once a client waits
  // for it.
  enter(code, phoneNumber) {
    return waitFor('a client waiting for the code', async () => {
      try {
        return await this.call(
            'EnterPairingCode', {code, phone_number: phoneNumber});
      } catch (error) {
        if (/no client waits/.test(error.details)) return null;
        throw error;
      }
    });
  }

  // The first number from `first` on for whose account `wanted` is true.
  async findAccount(first, wanted) {
    for (let number = first;; ++number) {
      const account = await this.account(`+${number}`);
      if (wanted(account)) return account;
    }
  }

  // Waits until the process has ended.
  async stop() {
    this.control?.close();
    await stopProcess(this.process, this.exited);
  }
}
