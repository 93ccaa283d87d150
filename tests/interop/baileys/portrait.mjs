// Runs Portrait's programs, portraitd and portrait, with a simulated network.

import {execFile, spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import {promisify} from 'node:util';

import {stopProcess, waitFor} from './simulator.mjs';

const COMMAND_MS = 60_000;

export class Portrait {
  // `folder` is portraitd's data folder, which outlasts restarts.
  constructor(simulator, folder) {
    this.simulator = simulator;
    this.folder = folder;
  }

  async start() {
    const {url, ca, root_key: rootKey} = this.simulator.endpoints;
    const ready = path.join(this.folder, 'portraitd.json');
    fs.rmSync(ready, {force: true});
    fs.mkdirSync(this.folder, {recursive: true});
    const log = fs.openSync(path.join(this.folder, 'log'), 'a');
    this.process = spawn(
        process.env.PORTRAITD,
        [
          '--listen', '127.0.0.1:0', '--data-dir', this.folder,
          '--whatsapp-url', url, '--whatsapp-root-key', rootKey,
          ...(ca ? ['--whatsapp-ca', ca] : []),
          '--session-usync-rate', '0', '--session-picture-rate', '0',
        ],
        {stdio: ['ignore', log, log]});
    fs.closeSync(log);
    this.exited = new Promise(resolve => this.process.on('exit', resolve));
    await waitFor('portraitd serving', () => {
      if (this.process.exitCode !== null) {
        throw new Error(`portraitd ended:\n${this.log()}`);
      }
      return fs.existsSync(ready);
    });
    return this;
  }

  log() {
    return fs.readFileSync(path.join(this.folder, 'log'), 'utf8');
  }

  // Returns the command's output.
  async command(...command) {
    const {stdout} = await promisify(execFile)(
        process.env.PORTRAIT, ['--data-dir', this.folder, ...command],
        {timeout: COMMAND_MS});
    return stdout;
  }

  // Returns the objects that the command prints, one per line.
  async run(...command) {
    const output = await this.command(...command, '--format', 'jsonl');
    return output.trim().split('\n').map(line => JSON.parse(line));
  }

  // Links a session to the phone with this number, which scans a QR code or
  // enters a code.
  async link(session, phoneNumber, {byCode = false} = {}) {
    const pairing = spawn(
        process.env.PORTRAIT,
        [
          '--data-dir', this.folder, 'session', 'pair', session, '--format',
          'jsonl', ...(byCode ? ['--phone', phoneNumber] : []),
        ],
        {stdio: ['ignore', 'pipe', 'inherit'], timeout: COMMAND_MS});
    const exited = new Promise(resolve => pairing.on('exit', resolve));
    for await (const line of readline.createInterface(pairing.stdout)) {
      const event = JSON.parse(line);
      if (event.event === 'qr_code') {
        await this.simulator.scan(event.text, phoneNumber);
      } else if (event.event === 'pairing_code') {
        await this.simulator.enter(event.code, phoneNumber);
      }
    }
    if (await exited !== 0) throw new Error(`not linked:\n${this.log()}`);
    await this.waitUntilReady(session);
  }

  async waitUntilReady(session) {
    await waitFor(`session ${session} ready`, async () => {
      const [{state}] = await this.run('session', 'show', session);
      return /ready$/i.test(state);
    });
  }

  async stop() {
    await stopProcess(this.process, this.exited);
  }
}
