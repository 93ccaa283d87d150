// Runs the real whatsmeow in a separate process; see
// ../whatsmeow/driver_test.go.

import {spawn} from 'node:child_process';
import readline from 'node:readline';

// Without Go, whatsmeow is not available.
export const WHATSMEOW = process.env.WHATSMEOW || null;

const ANSWER_MARK = '@ ';
const STOP_MS = 60_000;

export class Whatsmeow {
  #answers;
  #output = [];

  // A companion of that phone, after the request to link.
  constructor(simulator, phoneNumber) {
    this.process = spawn(
        WHATSMEOW, ['-test.run', '^TestDriver$', '-test.timeout', '10m'], {
          stdio: ['pipe', 'pipe', 'inherit'],
          env: {
            ...process.env,
            WHATSMEOW_NETWORK: simulator.folder,
            WHATSMEOW_PHONE: phoneNumber,
          },
        });
    this.exited = new Promise(resolve => this.process.on('exit', resolve));
    this.#answers = this.#read();
  }

  async *#read() {
    for await (const line of readline.createInterface(this.process.stdout)) {
      this.#output.push(line);
      if (line.startsWith(ANSWER_MARK)) {
        yield JSON.parse(line.slice(ANSWER_MARK.length));
      }
    }
  }

  // Sends the request {do, …} and returns the answer.
  async ask(request) {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const {value, done} = await this.#answers.next();
    if (done) throw new Error(`whatsmeow: ${this.#output.join('\n')}`);
    return value;
  }

  async stop() {
    this.process.stdin.end();
    const late = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    await this.exited;
    clearTimeout(late);
  }
}
