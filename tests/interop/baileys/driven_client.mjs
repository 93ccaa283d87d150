// Runs a client that is not written in JavaScript in a separate process, which
// reads requests and answers each with a line; see ../whatsmeow/driver_test.go
// and ../whatsapp_rust/src/driver.rs.

import {spawn} from 'node:child_process';
import readline from 'node:readline';

const ANSWER_MARK = '@ ';
const STOP_MS = 60_000;

export class DrivenClient {
  #answers;
  #output = [];

  constructor(program, flags, environment) {
    this.process = spawn(program, flags, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {...process.env, ...environment},
    });
    this.exited = new Promise(resolve => this.process.on('exit', resolve));
    this.#answers = this.#read();
  }

  async *#read() {
    for await (const line of readline.createInterface(this.process.stdout)) {
      this.#output.push(line);
      const answer = line.indexOf(ANSWER_MARK);
      if (answer !== -1) yield JSON.parse(line.slice(answer + 2));
    }
  }

  // Sends the request {do, …} and returns the answer.
  async ask(request) {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const {value, done} = await this.#answers.next();
    if (done) throw new Error(this.#output.join('\n'));
    return value;
  }

  async stop() {
    this.process.stdin.end();
    const late = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    await this.exited;
    clearTimeout(late);
  }
}
